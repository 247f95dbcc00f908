"""Trains a tiny language model from a configuration with the Trainer of Hugging Face."""

import random

import torch
from transformers import GPT2Config, GPT2LMHeadModel, HfArgumentParser, Trainer, TrainingArguments

WORDS = ["a", "small", "bug", "in", "the", "loss", "may", "stay", "silent", "for", "years", "."]


class Sentences(torch.utils.data.Dataset):
    """Sentences of twelve words in which each word decides which two may follow it."""

    def __init__(self, size, seed):
        self.rows = [self.row(random.Random(seed + number)) for number in range(size)]

    def row(self, generator):
        words = [generator.randrange(len(WORDS))]
        while len(words) < 12:
            words.append((words[-1] * 2 + generator.randrange(2)) % len(WORDS))
        return words

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        row = torch.tensor(self.rows[index])
        return {"input_ids": row, "labels": row}


def accuracy(prediction):
    guesses = prediction.predictions[:, :-1].argmax(axis=-1)
    return {"accuracy": float((guesses == prediction.label_ids[:, 1:]).mean())}


def main():
    (arguments,) = HfArgumentParser(TrainingArguments).parse_args_into_dataclasses()
    config = GPT2Config(
        vocab_size=len(WORDS), n_positions=16, n_embd=24, n_layer=1, n_head=2,
        bos_token_id=0, eos_token_id=11,
    )
    torch.manual_seed(arguments.seed)
    trainer = Trainer(
        model=GPT2LMHeadModel(config),
        args=arguments,
        train_dataset=Sentences(256, 0),
        eval_dataset=Sentences(64, 10_000),
        compute_metrics=accuracy,
    )
    trainer.train()
    metrics = trainer.evaluate()
    trainer.log_metrics("eval", metrics)
    trainer.save_model()


if __name__ == "__main__":
    main()
