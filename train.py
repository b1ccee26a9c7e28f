"""Trains and tests one model: ``python train.py model=rednd dataset=sports``."""

if __name__ == "__main__":
    from mmgraph.cli.train import main

    main()
