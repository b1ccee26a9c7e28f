import torch

from mmgraph.processes.partition import AskedRows, DividedRows, traffic


def test_alone_a_process_asks_itself_and_receives_nothing():
    traffic.clear()
    asked = AskedRows(torch.tensor([3, 0, 3]), DividedRows(4, 0, 1))
    x = torch.arange(8.0).view(4, 2).requires_grad_()
    found = asked.answered(x, "rows")
    assert torch.equal(found, x[[3, 0, 3]])
    found.sum().backward()
    assert x.grad[:, 0].tolist() == [1, 0, 0, 2]
    row, position = asked.different
    assert torch.equal(row[position], asked.own)
    assert sum(traffic.values()) == 0


def test_lists_come_with_the_rows_that_asked_for_them():
    asked = AskedRows(torch.tensor([2, 0]), DividedRows(3, 0, 1))
    row, (values, weights) = asked.sent_lists(
        torch.tensor([1, 2]), [torch.tensor([7, 8, 9]), torch.tensor([0.1, 0.2, 0.3])], "neighbours"
    )
    assert row.tolist() == [0, 1, 1]
    assert values.tolist() == [7, 8, 9]
    assert torch.equal(weights, torch.tensor([0.1, 0.2, 0.3]))


def test_nothing_can_be_asked_for():
    asked = AskedRows(torch.empty(0, dtype=torch.long), DividedRows(3, 0, 1))
    assert asked.answered(torch.ones(3, 2), "rows").shape == (0, 2)
