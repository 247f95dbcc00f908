import logging
logging.warning("to stderr")
logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(funcName)s %(lineno)d %(module)s %(message)s")
log = logging.getLogger("prog")
def f(): log.info("inside")
f()
try: 1 / 0
except ZeroDivisionError: log.exception("failed")
print(logging.root.handlers[0].stream.name, len(logging.root.handlers))
