import ast, faulthandler, traceback
print(ast.mine, traceback.mine)
