import faulthandler, sys
faulthandler.enable()
faulthandler.dump_traceback_later(60)
faulthandler.cancel_dump_traceback_later()
faulthandler.disable()
print(faulthandler.is_enabled())
