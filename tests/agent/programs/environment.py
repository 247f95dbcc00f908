import os
print(sorted(k for k in os.environ if k not in ("TRAINWRECK_ORDER", "PYTHONPATH")))
os.environ["NEW"] = "1"
print(os.getenv("NEW"), os.environ.get("COVERAGE_CORE"))
