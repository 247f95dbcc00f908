import unittest, sys
class Test(unittest.TestCase):
    def test_one(self): self.assertEqual(1, 1)
    def test_main(self): self.assertIs(sys.modules["__main__"].Test, Test)
import io
main = unittest.main(argv=["prog"], testRunner=unittest.TextTestRunner(stream=io.StringIO()), exit=False)
print(main.result)
sys.exit(not main.result.wasSuccessful())
