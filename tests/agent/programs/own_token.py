import token, signal
print(token.mine)
