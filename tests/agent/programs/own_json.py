import json
print(json.mine, json.__file__.split('/')[-1])
