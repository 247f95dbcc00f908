import os, signal
names = ["SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGCHLD", "SIGPIPE"]
print([str(signal.getsignal(getattr(signal, n))) for n in names if n != "SIGINT"])
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
signal.signal(signal.SIGUSR1, lambda *_: print("usr1"))
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.set_wakeup_fd(-1))
signal.signal(signal.SIGALRM, lambda *_: print("alarm"))
signal.setitimer(signal.ITIMER_REAL, 0.01)
signal.pause()
print(sorted(int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, [])))
