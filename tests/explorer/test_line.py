from threading import Event, Thread

import pytest

from sim.explorer.line import Line


def test_who_came_first_is_served_first():
    line, done, may_begin, began = Line(), [], Event(), Event()

    def first() -> None:
        began.set()
        may_begin.wait(10)
        done.append(0)

    waiting = [Thread(target=line.wait_for, args=(first,))]
    waiting[0].start()
    assert began.wait(10)
    for number in (1, 2, 3):
        waiting.append(Thread(target=line.wait_for, args=(lambda number=number: done.append(number),)))
        waiting[-1].start()
        while line._given.qsize() < number:
            pass
    assert line.busy
    may_begin.set()
    for thread in waiting:
        thread.join(10)
    assert done == [0, 1, 2, 3]
    assert not line.busy


def test_a_fault_is_told_to_whom_it_concerns_and_the_line_goes_on():
    line = Line()
    with pytest.raises(ZeroDivisionError):
        line.wait_for(lambda: 1 // 0)
    assert not line.busy
    assert line.wait_for(lambda: 7) == 7
