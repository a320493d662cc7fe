"""params.yaml: every section, read once: ``params = read()``, ``params.query_loop.budget``."""

from typing import Any

from active_learning.core import plugins
from active_learning.core.errors import ParamsError, PluginError, unknown
from stages.params import sections
from stages.params.config import ParamsFile, Section, complete, validate


class Params(ParamsFile):
    """The sections of an experiment."""

    generate = Section(sections.Generate)
    preprocess = Section(sections.Preprocess)
    split = Section(sections.Split)
    learner = Section(sections.Learner)
    evaluation = Section(sections.Evaluation)
    oracle = Section(sections.Oracle)
    strategies = Section(sections.Strategies)
    query_loop = Section(sections.QueryLoop)
    stopping = Section(sections.Stopping)
    compare = Section(sections.Compare)
    plot = Section(sections.Plot)

    def strategy(self, name: str, *, wrapper: bool) -> Any:
        """Strategy of this name with its options.

        Raises
        ------
        UserError
            If there is none, its options are wrong, or it is on the wrong list.
        """
        if plugins.load("strategies", name).CALLS_OTHERS and not wrapper:
            raise ParamsError(
                f"{self.path}: query_loop.strategies must not name {name}, which calls other "
                "strategies; name it in query_loop.wrappers."
            )
        model = sections.Strategies.with_options([name])
        options = validate(model, self["strategies"], "strategies", self.path)
        return getattr(options, name)

    def check(self) -> None:
        """Check the whole file, what is in use and what is not.

        Raises
        ------
        ParamsError
            With the first thing that is wrong.
        """
        models = dict(self.models())
        for name in self.values:
            if name not in models:
                raise ParamsError(f"{self.path}: {unknown('section', name, models)}")
        for name, model in models.items():
            validate(complete(model), self[name], name, self.path)
        others = [name for name in self["strategies"] if name.startswith(plugins.SKACTIVEML)]
        for name in dict.fromkeys([*self.query_loop.names, *others]):
            place = "strategies" if name in others else "query_loop.wrappers"
            try:
                self.strategy(name, wrapper=name not in self.query_loop.strategies)
            except PluginError as error:
                raise ParamsError(f"{self.path}: {place}: {error}") from None


read = Params.read
