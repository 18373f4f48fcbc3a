"""Interactive game: a run in a separate thread that stops at every turn of the played state until it is answered."""

from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread

from sim.experiments.played import Played
from sim.experiments.playing import play_setup
from sim.experiments.turns import Turn
from sim.explorer.choices import Choices
from sim.explorer.ensembles import parameter_sets
from sim.explorer.story import Story

Answer = str | None


class _Left(Exception):  # noqa: N818 - leaving is no error
    """Signal that the visitor has left the game."""


class PlayedGame:
    """Run of the model in which a visitor decides for one state.

    Parameters
    ----------
    story : Story
    choices : Choices
        The branch, its events and parameters, and the seed; its runs are the ensemble that the path is set beside.
    state : str
        The seat.
    replicate : int
        Which of the runs is played.
    asked : callable
        Called in the thread with every turn.
    over : callable
        Called in the thread at the end.
    failed : callable
        Called in the thread with any exception.
    """

    def __init__(
        self,
        story: Story,
        choices: Choices,
        state: str,
        replicate: int,
        asked: Callable[[Turn], None],
        over: Callable[[Played], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._asked = asked
        self._answers: SimpleQueue[tuple[Answer, bool, bool]] = SimpleQueue()
        self._hands_over = False
        setup = story.program(choices).setup

        def run() -> None:
            try:
                over(
                    play_setup(
                        setup,
                        state,
                        self._decide,
                        seed=choices.seed,
                        replicate=replicate,
                        replicates=choices.replicates,
                        sets=partial(parameter_sets, setup, choices),
                    )
                )
            except _Left:
                return
            except Exception as error:  # noqa: BLE001 - told to the visitor
                failed(error)

        self._thread = Thread(target=run, name="game", daemon=True)
        self._thread.start()

    def answer(self, option: Answer) -> None:
        """Answer the present turn; None leaves it to the built-in rule."""
        self._answers.put((option, False, False))

    def hand_over(self) -> None:
        """Leave the present turn and all later turns to the built-in rule."""
        self._answers.put((None, True, False))

    def leave(self) -> None:
        """End the game at any point."""
        self._answers.put((None, False, True))

    def wait(self, timeout: float) -> bool:
        """Wait for the end of the game; return whether it came within the time limit (seconds)."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _decide(self, turn: Turn) -> Answer:
        if self._hands_over:
            return None
        self._asked(turn)
        option, self._hands_over, left = self._answers.get()
        if left:
            raise _Left
        return option
