"""Trains a classifier on the UCI handwritten digits and writes the model and its test accuracy.

The 1,797 images of 8 x 8 pixels ship with scikit-learn, so the job needs no download.
"""

import json
import os
import pickle
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

EPOCHS = int(os.environ.get("EPOCHS", "30"))
SEED = 7


def main() -> None:
    digits = load_digits()
    pixels, labels = digits.data / 16.0, digits.target
    train_x, test_x, train_y, test_y = train_test_split(
        pixels, labels, test_size=0.25, random_state=SEED, stratify=labels
    )
    print(f"training on {len(train_x)} images, testing on {len(test_x)}", flush=True)
    model = MLPClassifier((64,), learning_rate_init=0.005, random_state=SEED)
    for epoch in range(1, EPOCHS + 1):
        model.partial_fit(train_x, train_y, classes=range(10))
        if epoch % 5 == 0:
            print(f"epoch {epoch:3} loss {model.loss_:.4f}", flush=True)
    accuracy = model.score(test_x, test_y)
    print(f"test accuracy {accuracy:.4f}", flush=True)
    with Path("model.pkl").open("wb") as file:
        pickle.dump(model, file)
    Path("metrics.json").write_text(
        json.dumps({"test_accuracy": round(accuracy, 4), "epochs": EPOCHS, "images": len(train_x)})
    )


if __name__ == "__main__":
    main()
