"""The bugs that the study names: where each is, what the study says of it, and why it is so."""

import re
from dataclasses import dataclass

from trainwreck.model import APP, MODULE_LEVEL, Mutant, Symptom

KERAS, THEANO, TENSORFLOW = "keras-2.3", "theano-1.0", "tensorflow-1.15"
TINY, QUICK = "tiny", "quick"


@dataclass(frozen=True, slots=True)
class PaperBug:
    """A bug by its place, its fate in the study, and what the sources say of it.

    ``line`` is the stretch of the source's text, mostly a part of one line, in which the edit
    lies. ``symptom`` and ``fate`` are the study's; ``profile`` is the smallest one in which the
    effect can be seen. ``cause`` is our own reading of the source, ``note`` says where the place
    is another than the study's, and ``differs`` where the fate or its explanation is.
    """

    study: str
    root: str
    file: str
    line: str
    function: str
    original: str
    replacement: str
    symptom: Symptom
    fate: str
    profile: str
    cause: str
    note: str = ""
    differs: str = ""

    @property
    def title(self) -> str:
        """Function (or file) and change, as a heading."""
        place = self.file if self.function == MODULE_LEVEL else self.function
        if not self.replacement:
            return f"`{place}`: `{self.original.strip()}` deleted"
        return f"`{place}`: `{self.original}` → `{self.replacement}`"

    def is_mutant(self, mutant: Mutant, text: str) -> bool:
        """Whether a mutant of the file with this text is the bug."""
        edit = mutant.edits[0]
        if (edit.original, edit.replacement) != (self.original, self.replacement):
            return False
        return mutant.function == self.function and any(
            found.start() <= edit.span.start and edit.span.end <= found.end()
            for found in re.finditer(re.escape(self.line), text)
        )


PAPER_BUGS = (
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/metrics.py",
        line="return self.total / self.count",
        function="Reduce.result",
        original="/",
        replacement="*",
        symptom=Symptom.NORMAL,
        fate="normal, with an accuracy of 884,543",
        profile=TINY,
        cause="`total` counts the snippets that are right and `count` all of them, so the product "
        "is reported where the share should be: the study's value is 829 * 1,067, for 829 of its "
        "1,067 held-out snippets. The loss takes another way, so training is untouched.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/engine/training.py",
        line="while metric_name in self.metrics_names:",
        function="Model._add_unique_metric_name",
        original="in",
        replacement="not in",
        symptom=Symptom.HANG,
        fate="hang",
        profile=TINY,
        cause="The first name, `accuracy`, is free, so the loop begins, and goes on as long as a "
        "name is free: `accuracy_1`, `accuracy_2` and all the others are.",
        differs="The study says that the loop does not modify `metric_name`. It does, each time to "
        "another name that nobody has.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/metrics.py",
        line="if self.reduction == metrics_utils.Reduction.SUM_OVER_BATCH_SIZE:",
        function="Reduce.update_state",
        original="==",
        replacement="!=",
        symptom=Symptom.NORMAL,
        fate="normal, unchanged: another branch, the same value",
        profile=TINY,
        cause="The reduction of the accuracy is `WEIGHTED_MEAN`, so `!=` takes the first branch "
        "instead of the second. Without sample weights both count the values.",
        note="The code that the study quotes is in class `Reduce`, in `keras/metrics.py`. A line "
        "of `keras/utils/losses_utils.py` is similar, but with `!=` there the loss would be a sum "
        "and no mean.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/layers/core.py",
        line="if self.activation is not None:",
        function="Dense.call",
        original="is not",
        replacement="is",
        symptom=Symptom.NORMAL,
        fate="normal, lower accuracy: the activation is off",
        profile=QUICK,
        cause="Both dense layers hand on what is linear: the hidden one without its ReLU, the last "
        "one without its sigmoid. The loss expects a `Sigmoid` in the graph, to compute from "
        "what goes into it; finding none, it takes the output for a probability and clips it "
        "between 1e-7 and 1 - 1e-7. Whatever lies outside of that gives no gradient.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/engine/network.py",
        line="if cache_key in self._output_mask_cache:",
        function="Network.compute_mask",
        original="in",
        replacement="not in",
        symptom=Symptom.NORMAL,
        fate="normal, higher accuracy in one run, no significant difference in ten more",
        profile=QUICK,
        cause="`compile` asks for the mask of the output, which is known to be `None`. The bug "
        "calls every layer again to find out, with the same result. The second graph is never "
        "run, but each of the two dropout layers draws a seed for it from NumPy's generator, so "
        "`fit` finds that two draws further on and shuffles the snippets in another order. It is "
        "training with another seed: another result, not a worse one.",
        differs="The study puts the difference down to various random issues. It is one, and the "
        "bug's own doing.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/engine/training.py",
        line="if batch_size is None",
        function="Model._validate_or_infer_batch_size",
        original="is",
        replacement="is not",
        symptom=Symptom.NORMAL,
        fate="normal, 60 → about 100 s: batches of 32",
        profile=TINY,
        cause="What was meant for callers who give no size now befalls those who do: `fit` goes on "
        "with 32, and makes twice as many steps in each epoch.",
        differs="At `quick` the program asks for batches of 32 itself, so the bug changes nothing "
        "there; at `tiny` it asks for the study's 64. Most seconds of `tiny` go into importing, so "
        "the work tells more than the time.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/engine/training_arrays.py",
        line="callbacks.model.stop_training = False",
        function="fit_loop",
        original="False",
        replacement="True",
        symptom=Symptom.NORMAL,
        fate="normal, 60 → 6 s: training ends after one epoch",
        profile=QUICK,
        cause="The flag is asked for after every batch and after every epoch. The first batch ends "
        "the first epoch, before its validation, and the epoch ends the training. The line with "
        "the epoch's figures is printed only where all snippets were seen, so there is none.",
        differs="In Keras 2.3.1 training ends after one batch, and no accuracy is printed. By the "
        "study's definition (output of the clean format) that is not normal, and trainwreck does "
        "not call it so.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/engine/input_layer.py",
        line="if shape is not None and not batch_shape:",
        function="Input",
        original="not ",
        replacement="",
        symptom=Symptom.CRASH,
        fate="crash, a `ValueError` later, in another method",
        profile=TINY,
        cause="`batch_shape` stays `None` and is handed on to `InputLayer`, whose own check finds "
        "that it was given no shape of either kind.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/engine/network.py",
        line="mask_cache_key += '_' + object_list_uid(masks)",
        function="Network._init_graph_network",
        original="+",
        replacement="-",
        symptom=Symptom.CRASH,
        fate="crash, a `TypeError`",
        profile=TINY,
        cause="There is no subtraction of strings: the changed expression itself fails, the first "
        "time that it is evaluated.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/engine/input_layer.py",
        line="outputs = input_layer._inbound_nodes[0].output_tensors",
        function="Input",
        original="0",
        replacement="1",
        symptom=Symptom.CRASH,
        fate="crash, list index out of range",
        profile=TINY,
        cause="A new input layer has made one node, and that is number 0.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/engine/input_layer.py",
        line="self.is_placeholder = True",
        function="InputLayer.__init__",
        original="True",
        replacement="False",
        symptom=Symptom.CRASH,
        fate="crash, a `ValueError` far away",
        profile=TINY,
        cause="Only placeholders get among the inputs that are fed, so the model is one that takes "
        "no data. It is built and compiled all the same; `fit` is the first to compare the data "
        "with the names of the inputs, and there are none.",
        differs="The study quotes `K.is_placeholder(v)`, which never reads this attribute. It "
        "is `layer.is_placeholder` in `Network._init_graph_network` that does.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/losses.py",
        line="def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0):",
        function="binary_crossentropy",
        original="0",
        replacement="1",
        symptom=Symptom.NORMAL,
        fate="normal, much lower accuracy",
        profile=QUICK,
        cause='`loss="binary_crossentropy"` calls the function without this argument, so the '
        "default counts: `y * (1 - 1) + 0.5 * 1` makes every target 0.5. Nothing of the labels is "
        "left in the loss, and the best that the network can do is to answer 0.5 to everything.",
        differs="The study says that the accuracy is calculated from the smoothed labels. The "
        "metric takes the true ones; it is the loss that does not.",
    ),
    PaperBug(
        study=KERAS,
        root="keras",
        file="keras/layers/core.py",
        line="return (input_shape[0], np.prod(input_shape[1:]))",
        function="Flatten.compute_output_shape",
        original="0",
        replacement="1",
        symptom=Symptom.CRASH,
        fate="crash, dimension mismatch",
        profile=TINY,
        cause="The number of rows takes the place of the size of the batch, which is unknown. Rows "
        "differ between the blocks with filters of 3 and of 8 words, and `Concatenate`, which asks "
        "that all dimensions but the joined one be the same, refuses.",
    ),
    PaperBug(
        study=KERAS,
        root=APP,
        file="train.py",
        line="x_test.shape[1]",
        function=MODULE_LEVEL,
        original="1",
        replacement="2",
        symptom=Symptom.CRASH,
        fate="crash, an `IndexError`",
        profile=TINY,
        cause="The snippets are a matrix, which has dimensions 0 and 1.",
        note="In the study's program the expression is in a comparison at the end of "
        "preprocessing; in ours it is an argument, and constructing has begun.",
    ),
    PaperBug(
        study=THEANO,
        root="theano",
        file="theano/gradient.py",
        line="if cost is None:",
        function="grad",
        original="is",
        replacement="is not",
        symptom=Symptom.CRASH,
        fate="crash, an `AssertionError`",
        profile=TINY,
        cause="The program gives a cost and no known gradients, as most do, and comes into the "
        "branch of those who gave neither.",
    ),
    PaperBug(
        study=THEANO,
        root="theano",
        file="theano/tensor/nnet/conv.py",
        line="if image_shape is not None:\n        bsize = image_shape[0]",
        function="conv2d",
        original="is not",
        replacement="is",
        symptom=Symptom.NORMAL,
        fate="normal, slower: an optimisation is off",
        profile=QUICK,
        cause="Where it does not know the image's shape, `ConvOp` neither chooses the fastest way "
        "to unroll its loops nor writes the sizes into its C code; the convolution and both of its "
        "gradients take the version for unknown shapes. By the speeds in the same file each then "
        "needs about twice as long: 2.0 instead of 1.1, and 2.0 and 5.8 instead of 1.2 and 3.0 for "
        "filters and image. The new C code is in no cache, so the run also waits for the compiler, "
        "before learning begins.",
        note="Two conditions of `conv2d` read the same; this is the second one.",
    ),
    PaperBug(
        study=TENSORFLOW,
        root=APP,
        file="model.py",
        line="LEARNING_RATE = 1e-3",
        function=MODULE_LEVEL,
        original="1e-3",
        replacement="1.001",
        symptom=Symptom.NORMAL,
        fate="normal, much lower accuracy",
        profile=QUICK,
        cause="Adam divides the mean gradient of each weight by its size, so that a step moves the "
        "weight by up to the learning rate: by 1 instead of 0.001, where weights begin at about "
        "0.1.",
        note="The study's program writes `AdamOptimizer(1e-3)`; ours gives the number a name.",
    ),
)
"""By library, its application's bugs after its own."""
