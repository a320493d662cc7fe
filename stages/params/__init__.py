"""params.yaml, read once: ``params = Params.read()``, then ``params.query_loop.budget``."""

from typing import Any

from active_learning.core.errors import located
from active_learning.data.preprocessing import Preprocess
from stages.params import sections
from stages.params.config import ParamsFile, PluginSection, Section


class Params(ParamsFile):
    """The sections of an experiment."""

    generate = Section(sections.Generate)
    split = Section(sections.Split)
    learner = Section(sections.Learner)
    evaluation = Section(sections.Evaluation)
    query_loop = Section(sections.QueryLoop)
    strategies = Section(sections.Strategies)
    preprocess = Section(Preprocess)
    oracle = Section(sections.Oracle)
    stopping = Section(sections.Stopping)
    compare = Section(sections.Compare)
    plot = Section(sections.Plot)

    def strategy(self, name: str) -> Any:
        """Strategy with this name and its options."""
        with located(f"{self.path}: "):
            return self.strategies.make(name, "query_loop.strategies")

    def check(self) -> None:
        """Validate all sections, and the options of all plug-ins.

        Classes of other packages are imported only if in use.

        Raises
        ------
        ParamsError
            On the first error.
        """
        super().check()
        with located(f"{self.path}: "):
            for chosen in (self.generate, self.learner, self.oracle):
                _ = chosen.plugin
            for name in self.stopping.rules:
                self.stopping.make(name)
            for section in vars(self).values():
                if isinstance(section, PluginSection):
                    section.check_entries()
        for name in self.query_loop.strategies:
            self.strategy(name)
