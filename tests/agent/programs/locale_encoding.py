import locale, sys, os
print(locale.getpreferredencoding(False), sys.getfilesystemencoding(), sys.getdefaultencoding(), locale.setlocale(locale.LC_ALL))
print(os.fsencode("\u00e4"), sys.getfilesystemencodeerrors())
