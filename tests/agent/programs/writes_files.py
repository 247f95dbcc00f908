import json, os, tempfile
json.dump({"a": [1, 2]}, open("result.json", "w"))
print(sorted(os.listdir(".")))
with tempfile.TemporaryDirectory() as folder: print(os.path.isdir(folder))
os.makedirs("out"); open("out/data.bin", "wb").write(bytes(range(256)))
