import resource
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE)[1] > 0)
import os
print(len(os.sched_getaffinity(0)) == os.cpu_count() or "pinned", os.nice(0), os.umask(0o22) == 0o22)
