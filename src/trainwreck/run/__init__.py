"""One trial to one outcome, in processes of the program under study."""
