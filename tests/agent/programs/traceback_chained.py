def inner(): return {}["missing"]
def outer():
    try: inner()
    except KeyError as error: raise ValueError("outer") from error
try: outer()
except ValueError: 1 / 0
