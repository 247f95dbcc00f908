import sys, zipfile
with zipfile.ZipFile("made.zip", "w") as archive: archive.writestr(zipfile.ZipInfo("zipped.py"), "value = 7\ndef fail(): 1 / 0\n")
sys.path.insert(0, "made.zip")
import zipped
print(zipped.value, type(zipped.__loader__).__name__)
try: zipped.fail()
except ZeroDivisionError:
    import traceback; traceback.print_exc()
