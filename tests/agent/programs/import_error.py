try: import nothing_here
except ImportError as error: print(error, error.name, error.path)
import broken_import
