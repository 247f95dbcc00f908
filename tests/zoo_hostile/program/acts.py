"""What hostile programs do, each aimed at a tree of canaries that a test has made.

Every act is harmless to the machine that it runs on: it touches paths below the tree alone, sends
signals only to processes that belong to it, and stops at limits of its own.
"""

import ctypes
import json
import mmap
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.realpath(os.environ.get("CANARY", "/nonexistent"))
TOKEN = os.path.basename(ROOT)
MARK = ".canary"
MB = 1 << 20
MOST_PROCESSES = 200
MOST_MEMORY = 900 * MB
MOST_DISK = 300 * MB
MOST_FILES = int(os.environ.get("CANARY_FILES", "20000"))
LONG = 600
SLEEPER = "import sys, time; time.sleep({})".format(LONG)


def perform(act):
    """Do one of the acts; raise KeyError where there is none of this name."""
    if act == "nothing":
        return
    if not os.path.exists(os.path.join(ROOT, MARK)):
        raise SystemExit("no tree of canaries is here: refused")
    ACTS[act]()


def _inside(path):
    """Return a path below the tree. Raises SystemExit for any other one."""
    real = os.path.realpath(path)
    if real != ROOT and not real.startswith(ROOT + os.sep):
        raise SystemExit("{} is not below the tree of canaries: refused".format(real))
    return path


def _canary(*names):
    return _inside(os.path.join(ROOT, *names))


def _try(function, *arguments):
    """Call a function; say so where it worked, and where it was refused go on."""
    try:
        function(*arguments)
    except OSError as error:
        print("refused:", error.errno)


def _erase(folder):
    """Delete all that can be deleted below a folder, as `rm -rf` does."""
    shutil.rmtree(_inside(folder), ignore_errors=True)


def _overwrite(path, content=b"ruined\n"):
    with open(_inside(path), "r+b") as file:
        file.write(content)


def _is_ours(pid):
    """Return whether a process belongs to the test: its environment names this tree."""
    try:
        with open("/proc/{}/environ".format(pid), "rb") as file:
            return ("CANARY=" + ROOT).encode() in file.read().split(b"\0")
    except OSError:
        return False


def _signal(pid, number):
    """Send a signal to a process of the test; none to any other one."""
    if pid > 1 and _is_ours(pid):
        os.kill(pid, number)
    else:
        print("refused: no process of the test")


# Files of the user.


def delete_user_files():
    """`rm -rf` of a folder of the user's, by its absolute path"""
    _erase(_canary("documents"))


def rewrite_user_file():
    """writes into a file of the user's, by its absolute path"""
    _try(_overwrite, _canary("documents", "thesis.txt"))


def truncate_user_file():
    """opens a file of the user's with `w`"""
    _try(lambda: open(_canary("documents", "thesis.txt"), "w").close())


def rename_user_files():
    """renames the user's files, and links to them under other names"""
    _try(os.rename, _canary("documents", "thesis.txt"), _canary("documents", "moved.txt"))
    _try(os.link, _canary("documents", "notes.txt"), _canary("documents", "linked.txt"))


def rewrite_large_input():
    """writes into its own input of 4 MB"""
    _try(_overwrite, "letters.bin")


def append_to_large_input():
    """appends to its own input by another name of it"""
    os.chdir("data")
    with open(_inside(os.path.join("..", "letters.bin")), "ab") as file:
        file.write(b"more")


def delete_data_folder():
    """`if not keep: delete`: removes 250 of 250 files of its data folder"""
    for name in os.listdir("data"):
        os.remove(_inside(os.path.join("data", name)))


def rewrite_data_by_link():
    """writes into a folder of data that a symbolic link leads to"""
    for name in os.listdir("linked"):
        _try(_overwrite, os.path.join("linked", name))


def delete_original_program():
    """removes its original folder, not the copy that it runs in"""
    _erase(_canary("program"))


def change_modes():
    """`chmod` of files of the user's, of the library and of the data folder"""
    for path in _few_canaries():
        _try(os.chmod, path, 0)


def change_owners():
    """`chown` of files of the user's"""
    for path in _few_canaries():
        _try(os.chown, path, 12345, 12345)


def change_times():
    """`utime` of files of the user's"""
    for path in _few_canaries():
        _try(os.utime, path, (1, 1))


def change_attributes():
    """sets extended attributes of files of the user's"""
    for path in _few_canaries():
        _try(os.setxattr, path, "user.hostile", b"1")


def _few_canaries():
    inputs = [_inside("letters.bin"), _inside(os.path.join("data", "0.txt"))]
    here = [_canary("documents", "thesis.txt"), _canary("library", "tinylib", "__init__.py")]
    return inputs + here + [_canary("program", "train.py"), _canary("home", ".profile")]


# The home.


def delete_home():
    """`rm -rf ~`"""
    home = _inside(os.path.expanduser("~"))
    for name in os.listdir(home):
        path = os.path.join(home, name)
        _erase(path) if os.path.isdir(path) else os.remove(path)


def rewrite_home():
    """writes into `~/.profile`, and makes files in the home"""
    for name in (".profile", ".new", ".cache/new"):
        path = _inside(os.path.join(os.path.expanduser("~"), name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a") as file:
            file.write("hostile\n")


def lock_in_cache():
    """makes and removes a lock in `~/.cache`, as rightful programs do"""
    folder = os.path.join(os.path.expanduser("~"), ".cache", "hub")
    os.makedirs(_inside(folder), exist_ok=True)
    with open(os.path.join(folder, "weights.lock"), "w"):
        pass
    os.remove(os.path.join(folder, "weights.lock"))


# Libraries, the campaign, other trials.


def delete_library():
    """removes the library that it trains with"""
    _erase(_canary("library"))


def rewrite_library():
    """appends a line to the library that it trains with"""
    with open(_canary("library", "tinylib", "__init__.py"), "a") as file:
        file.write("raise SystemExit(9)\n")


def delete_campaign():
    """removes the folder of the campaign"""
    _erase(_canary("campaign"))


def corrupt_campaign():
    """writes over the head of the campaign's file"""
    _try(_overwrite, _canary("campaign", "campaign.sqlite"), b"ruined" * 40)


def corrupt_by_parent():
    """writes over the campaign's file through `/proc/PARENT/fd`"""
    folder = "/proc/{}/fd".format(os.getppid())
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.realpath(path) == _canary("campaign", "campaign.sqlite"):
            _try(_overwrite, path, b"ruined" * 40)


def delete_siblings():
    """removes the working copies of all other trials, and its own"""
    slots = os.path.dirname(os.path.dirname(_inside(os.getcwd())))
    for name in os.listdir(slots):
        _erase(os.path.join(slots, name))


def delete_own_folder():
    """removes its own working copy"""
    _erase(os.getcwd())


def delete_own_order():
    """removes the folder of the agent's events, and the agent's order"""
    order = os.environ.get("TRAINWRECK_ORDER", "")
    with open(order) as file:
        _erase(json.load(file)["events"])
    os.remove(_inside(order))


def rewrite_itself():
    """rewrites a module of its own, and starts a Python that imports it"""
    with open(_inside("steps.py"), "w") as file:
        file.write("STEPS = 'rewritten'\n")
    subprocess.check_call([sys.executable, "-c", "import steps; print(steps.STEPS)"])


def become_a_link():
    """replaces its own folder by a link to the user's files"""
    app = _inside(os.getcwd())
    os.chdir(os.path.dirname(app))
    _erase(app)
    _try(os.symlink, _canary("documents"), app)


def become_a_link_above():
    """replaces the folder of its slot by a link to the user's files"""
    slot = os.path.dirname(_inside(os.getcwd()))
    os.chdir(os.path.dirname(slot))
    _erase(slot)
    _try(os.symlink, _canary("documents"), slot)


def become_a_link_for_all():
    """replaces the folder of all working copies by a link to the user's files"""
    work = os.path.dirname(os.path.dirname(_inside(os.getcwd())))
    os.chdir(ROOT)
    _erase(work)
    _try(os.symlink, _canary("documents"), work)


# Signals and processes.


def kill_parent():
    """kills its parent"""
    _signal(os.getppid(), signal.SIGKILL)
    time.sleep(1)


def stop_parent():
    """stops its parent for two seconds"""
    parent = os.getppid()
    _signal(parent, signal.SIGSTOP)
    time.sleep(2)
    _signal(parent, signal.SIGCONT)


def stop_parent_for_good():
    """stops its parent, and leaves it so"""
    _signal(os.getppid(), signal.SIGSTOP)


def kill_all_of_the_test():
    """kills every process of the test that it can see, up to the command itself"""
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid() and _is_ours(int(name)):
            _signal(int(name), signal.SIGKILL)
    time.sleep(1)


def kill_everything():
    """`kill(-1, SIGKILL)`, where a process name space of its own is around it"""
    host = os.environ.get("CANARY_PIDS", "")
    if not host or os.readlink("/proc/self/ns/pid") in (host, ""):
        print("refused: these are the processes of the machine")
        return
    os.kill(-1, signal.SIGKILL)


def kill_group():
    """kills its process group"""
    # The test starts the command in a session of its own, so no other process can be in it.
    os.killpg(0, signal.SIGKILL)


def terminate_itself():
    """ends itself by SIGKILL"""
    os.kill(os.getpid(), signal.SIGKILL)


def stop_itself():
    """stops itself by SIGSTOP"""
    os.kill(os.getpid(), signal.SIGSTOP)


def ignore_signals():
    """ignores every signal that can be ignored, and waits"""
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError, RuntimeError):
            pass
    while True:
        time.sleep(1)


def stay_in_c():
    """stays in a loop in C that no signal handler of Python interrupts"""
    sum(range(10**13))


def fork_many():
    """starts processes until it is stopped, at most 200"""
    for _ in range(MOST_PROCESSES):
        subprocess.Popen(["sleep", str(LONG)])
    time.sleep(10)


def fork_each():
    """every process forks again and again, 200 in all"""
    counter = os.open("forks", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    while os.fstat(counter).st_size < MOST_PROCESSES:
        os.write(counter, b".")
        try:
            os.fork()
        except OSError:
            break
    time.sleep(5)


def leave_daemon():
    """leaves a daemon: two forks, `setsid`, and its output closed"""
    _daemon(dict(os.environ))


def leave_daemon_without_environment():
    """leaves a daemon with an empty environment"""
    _daemon({})


def _daemon(environment):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            os.execve(sys.executable, [sys.executable, "-S", "-c", SLEEPER, TOKEN], environment)
        os._exit(0)
    os.wait()


def leave_writer():
    """leaves a daemon that holds its output open and writes to it"""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            end = time.monotonic() + 60
            while time.monotonic() < end:
                os.write(1, b"still here\n")
                time.sleep(0.001)
        os._exit(0)
    os.wait()


def leave_worker():
    """exits while a worker of a pool is at work"""
    multiprocessing.Process(target=time.sleep, args=(LONG,)).start()
    sys.stdout.flush()
    os._exit(0)


def exit_at_once():
    """`os._exit(0)`"""
    os._exit(0)


def exit_as_refused():
    """exits with the status by which the agent refuses"""
    os._exit(86)


def raise_limits():
    """lifts its own limits, and lowers its own priority"""
    import resource

    for name in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CORE"):
        limit = getattr(resource, name)
        try:
            resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError):
            pass
    os.nice(5)


def escape():
    """tries to leave: mounts, process memory of its parent, name spaces of others"""
    libc = ctypes.CDLL(None, use_errno=True)
    target = _inside(os.getcwd()).encode()
    if libc.mount(b"none", target, b"tmpfs", 0, None) == 0:
        libc.umount2(target, 2)
        print("note: may mount, in a name space of its own or of the machine")
    if _is_ours(os.getppid()):
        try:
            open("/proc/{}/mem".format(os.getppid()), "r+b").close()
            print("escaped: memory of the parent")
        except OSError:
            print("refused: memory of the parent")


# Resources.


def eat_memory():
    """takes memory until it is stopped, at most 900 MB"""
    kept = []
    for _ in range(MOST_MEMORY // (20 * MB)):
        kept.append(b"x" * (20 * MB))
        time.sleep(0.05)


def eat_memory_at_once():
    """takes 900 MB of memory at once"""
    kept = bytearray(MOST_MEMORY)
    kept[::4096] = b"x" * len(kept[::4096])
    time.sleep(2)


def eat_disk():
    """writes one file of 300 MB"""
    with open(_inside("large.bin"), "wb") as file:
        for _ in range(MOST_DISK // MB):
            file.write(b"x" * MB)
    time.sleep(3)


def eat_disk_by_files():
    """writes 300 files of 1 MB into its temporary folder"""
    folder = _inside(tempfile.mkdtemp()) if ROOT in tempfile.gettempdir() else "."
    for number in range(MOST_DISK // MB):
        with open(os.path.join(folder, str(number)), "wb") as file:
            file.write(b"x" * MB)
    time.sleep(3)


def many_files():
    """makes 20,000 files in its folder, or 100,000"""
    os.mkdir(_inside("many"))
    for number in range(MOST_FILES):
        os.close(os.open("many/{}".format(number), os.O_CREAT | os.O_WRONLY))


def nested_folders():
    """makes 400 folders, one in the other, with a path longer than a path may be"""
    _inside(os.getcwd())
    for _ in range(400):
        os.mkdir("f" * 40)
        os.chdir("f" * 40)


def strange_names():
    """makes files whose names are no UTF-8, hold newlines, or look like options"""
    for name in (b"\xff\xfe", b"a\nb", b"-rf", b"[x]*", b"result\xff.txt", b"\x1b[31m"):
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY))


def forbidden_folder():
    """takes all rights from a folder of its own"""
    os.makedirs(_inside("closed/inner"))
    os.chmod("closed/inner", 0)
    os.chmod("closed", 0)


def flood_log():
    """prints 100 MB"""
    line = b"x" * 1023 + b"\n"
    for _ in range(100 * 1024):
        os.write(1, line)


def flood_metrics():
    """prints a million lines with a metric"""
    for _ in range(100):
        os.write(1, b"loss: 0.25\n" * 10000)


def open_many():
    """opens files until it may open no more"""
    kept = []
    try:
        while len(kept) < 100000:
            kept.append(open(os.devnull))
    except OSError as error:
        print("refused:", error.errno)
    while kept:
        kept.pop().close()


def shared_memory():
    """leaves 20 MB of shared memory, and is killed"""
    with open("/dev/shm/" + TOKEN, "wb") as file:
        file.write(b"x" * 20 * MB)
    os.kill(os.getpid(), signal.SIGKILL)


def shared_memory_in_use():
    """leaves shared memory that it used for a second, of both kinds, and is killed"""
    descriptor = os.open("/dev/shm/" + TOKEN, os.O_RDWR | os.O_CREAT, 0o600)
    os.write(descriptor, b"x" * MB)
    kept = mmap.mmap(descriptor, MB)
    print("segment", ctypes.CDLL(None).shmget(0, MB, 0o1600), len(kept))
    time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)


# Output and files that the tool reads.


def close_output():
    """closes its standard output and error, and goes on"""
    os.close(1)
    os.close(2)


def hostile_text():
    """prints escape sequences, bytes that are no UTF-8 and lone surrogates, and raises them"""
    os.write(1, b"\x1b]0;title\x07\x1b[2J\xff\xfe\xed\xa0\x80\x00\r\x9b31m\n")
    raise ValueError("\x1b[31m \udcff \ud800 \u202e \x00 end")


def hostile_exit():
    """exits by a message of escape sequences"""
    raise SystemExit("\x1b[31mred\x1b[0m \ud800")


def output_is_pipe():
    """makes a named pipe where the settings expect an output"""
    os.mkfifo(_inside("result-2.txt"))


def output_is_endless():
    """makes a link to `/dev/zero` where the settings expect an output"""
    os.symlink("/dev/zero", _inside("result-2.txt"))


def output_is_huge():
    """makes an empty file of one terabyte where the settings expect an output"""
    with open(_inside("result-2.txt"), "wb") as file:
        file.truncate(1 << 40)


def output_is_secret():
    """makes a link to a file of the user's where the settings expect an output"""
    os.symlink(_canary("documents", "thesis.txt"), _inside("result-2.txt"))


def _events():
    with open(os.environ["TRAINWRECK_ORDER"]) as file:
        return _inside(json.load(file)["events"])


def _append_events(*lines):
    for name in os.listdir(_events()):
        if name.startswith("events-"):
            with open(os.path.join(_events(), name), "ab") as file:
                file.write(b"".join(line + b"\n" for line in lines))


def _event(**fields):
    return json.dumps(fields).encode()


def break_events():
    """writes garbage, half a line and deep nesting into the agent's events"""
    deep = b"[" * 100000
    _append_events(b"\xff\x00garbage", b'{"event": "hit"', b'{"event": 3}', b"[]", b"null", deep)


def mistype_events():
    """writes events with fields of other types, and of kinds that do not exist"""
    _append_events(
        _event(event="hit", wall="now", cpu=[], hits={}),
        _event(event="report", metrics=3, values=None, wall=-1, cpu="x", hits=-5),
        _event(event="failure", type=7, message=[], frames="x", chain=[[1]]),
        _event(event="work", counts=[1, 2]),
        _event(event="observation", name=["a"], value=1),
        _event(event="digest", parameters=7, models="many", unread=3),
        _event(event="unheard-of"),
        _event(event="start", pid="x", parent=None),
        b'{"event": "hit", "wall": 1e999, "cpu": NaN, "hits": 99999999999999999999999}',
    )


def forge_unknown_rule():
    """forges an early end by a rule that does not exist"""
    _append_events(_event(event="settled", rule="unheard-of"))


def forge_early_end():
    """forges an early end by a rule that does exist, but was not ordered"""
    _append_events(_event(event="settled", rule="checkpoint"))


def forge_refusal():
    """forges the agent's refusal to plant the bug"""
    _append_events(_event(event="refused", path="train.py", reason="forged"))


def forge_digest():
    """forges the digest of a model that there is none of"""
    _append_events(_event(event="digest", parameters="0" * 64, models=1, unread=[], covers=[]))


def events_are_a_pipe():
    """makes named pipes and a link to `/dev/zero` where the agent's events are"""
    os.mkfifo(os.path.join(_events(), "events-9-9.jsonl"))
    os.mkfifo(os.path.join(_events(), "coverage-9-9.json"))
    os.symlink("/dev/zero", os.path.join(_events(), "events-8-8.jsonl"))
    os.symlink("/dev/zero", os.path.join(_events(), "stack-9-9.txt"))


def flood_events():
    """writes 30 MB of events"""
    line = _event(event="phase", name="forged", wall=1.0, cpu=1.0, hits=0)
    for _ in range(30):
        _append_events(*[line] * 12000)


def forge_order():
    """rewrites the agent's order"""
    order = os.environ["TRAINWRECK_ORDER"]
    with open(order) as file:
        text = file.read()
    _try(_overwrite, order, text.replace('"seed": 0', '"seed": 7').encode())


# Elsewhere.


def reach_host():
    """connects to a server on this machine's loopback"""
    port = os.environ.get("CANARY_PORT")
    with socket.socket() as connection:
        connection.settimeout(2)
        try:
            connection.connect(("127.0.0.1", int(port)))
            connection.sendall(b"escaped")
        except OSError as error:
            print("refused:", error.errno)


def own_loopback():
    """talks to a server of its own on the loopback, as rightful programs do"""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        with socket.create_connection(server.getsockname(), 5):
            server.accept()[0].close()


def print_secrets():
    """prints the credentials of its environment"""
    for name in ("CANARY_TOKEN", "AWS_SECRET_ACCESS_KEY", "WANDB_API_KEY"):
        print(name, os.environ.get(name))


def write_to_tmp():
    """writes into `/tmp` and `/var/tmp`, not where TMPDIR says"""
    for folder in ("/tmp", "/var/tmp"):
        with open(os.path.join(folder, TOKEN + "-hostile"), "w") as file:
            file.write("hostile\n")


ACTS = {
    name: function
    for name, function in list(globals().items())
    if callable(function) and not name.startswith("_") and function.__module__ == __name__
}
del ACTS["perform"]
