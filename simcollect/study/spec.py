"""The study file: what is to be computed, in one YAML."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from simcollect.configfile import load
from simcollect.study.purpose import GoalEntry, TradeOffEntry, catalogue_entry

SCENARIOS = ("baseline", "severe_downturn")
STRATEGIES = ("champion", "oldest_first", "largest_balance_first", "highest_score_first")


class Synthetic(BaseModel):
    """A made-up book instead of a tape.

    Attributes
    ----------
    accounts : how many
    seed : of the book; another one than the study's, which is of the borrowers' luck
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: int = Field(default=20_000, ge=1, le=10_000_000)
    seed: int = Field(default=1, ge=0)


class Study(BaseModel):
    """One study, as read from YAML.

    A scenario or strategy that ends in ``.yaml`` or ``.yml`` is a file, looked for beside the study
    file; any other word is the name of a ready-made one under ``scenarios/``, or ``one_day_lp`` (a linear programme
    each morning).

    Attributes
    ----------
    name, description : for the report and the folder
    tape, mapping, as_of, currency, country : the book, as in `Portfolio.read`
    synthetic : a made-up book instead of a tape
    taiwan : the public book instead of a tape, file or folder as in `read_taiwan`
    scenarios : at least one
    strategies : at least one; the first is the one that the others and the plan are compared with
    resources : file; left out, a team sized for the book by customary caseloads
    parameters : file of the borrower's parameters, as ``simcollect calibrate`` writes it; left out, the defaults
    draws : under how many draws of the parameters, as ``simcollect calibrate`` writes them beside the file, strategies
        are compared and the plan is weighed, for the probability that the decision is right; 0 leaves it out
    weeks : length of the plan and of the simulations; 52, a budget year
    replications : simulations of each strategy, each with luck of its own; 4 is judgement: intervals exist, a first
        look stays quick. More narrow the intervals
    seed : of the borrowers' luck
    optimise : whether to make a plan for each scenario and compare it too
    goal : what the plan strives for, and within which limits; left out, net present value within the resources
    catalogue : the actions a plan chooses from: "default", "full" (all channels and offers), or names of actions
    trade_off : two things to draw a curve for in each scenario; the goal's limits hold at every point
    out : folder of the run, made new

    Examples
    --------
    >>> study = Study(name="quick look", synthetic={"accounts": 500}, weeks=26)
    >>> study.days, study.strategies[0]
    (182, 'champion')
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    description: str = ""
    tape: str | None = None
    mapping: str | None = None
    as_of: date | None = None
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    synthetic: Synthetic | None = None
    taiwan: str | None = None
    scenarios: tuple[str, ...] = Field(default=SCENARIOS, min_length=1)
    strategies: tuple[str, ...] = Field(default=STRATEGIES, min_length=1)
    resources: str | None = None
    parameters: str | None = None
    draws: int = Field(default=0, ge=0, le=10_000)
    weeks: int = Field(default=52, ge=1, le=520)
    replications: int = Field(default=4, ge=1, le=10_000)
    seed: int = Field(default=1, ge=0)
    optimise: bool = True
    goal: GoalEntry | None = None
    catalogue: str | tuple[str, ...] = "default"
    trade_off: TradeOffEntry | None = None
    out: str | None = None

    _catalogue = field_validator("catalogue", mode="before")(catalogue_entry)

    @model_validator(mode="after")
    def _plans_are_made(self) -> Study:
        for name, given in (("goal", self.goal), ("trade_off", self.trade_off)):
            if given is not None and not self.optimise:
                raise ValueError(f"{name} belongs to a plan, and optimise is false; make it true, or leave {name} out")
        return self

    @model_validator(mode="after")
    def _fit_together(self) -> Study:
        given = [name for name in ("tape", "synthetic", "taiwan") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"give exactly one of tape, synthetic, taiwan; {found} given")
        if self.draws == 1:
            raise ValueError("draws must be 0, or at least 2 to see a spread")
        if self.draws and self.parameters is None:
            raise ValueError("draws are of calibrated parameters: name the file under parameters")
        if self.tape is None:
            for name in ("mapping", "as_of", "currency", "country"):
                if getattr(self, name) is not None:
                    raise ValueError(f"{name} belongs to a tape; {given[0]} needs none")
        return self

    @classmethod
    def read(cls, path: str | Path) -> Study:
        """Read a study file; its paths are relative to the file.

        Raises
        ------
        ConfigError
            The file cannot be read or breaks a rule; all problems at once, each with its line.
        """
        return load(path, cls).located(Path(path).resolve().parent)

    @property
    def days(self) -> int:
        """Length of the simulations in days."""
        return 7 * self.weeks

    def located(self, folder: Path) -> Study:
        """Return the study with every path taken from a folder, so that it can be run from anywhere."""

        def at(name: str | None) -> str | None:
            return None if name is None else str(folder / name)

        def at_if_file(name: str) -> str:
            return str(folder / name) if is_file(name) else name

        return self.model_copy(
            update={
                "tape": at(self.tape),
                "mapping": at(self.mapping),
                "taiwan": at(self.taiwan),
                "scenarios": tuple(map(at_if_file, self.scenarios)),
                "strategies": tuple(map(at_if_file, self.strategies)),
                "resources": at(self.resources),
                "parameters": at(self.parameters),
                "out": at(self.out),
            }
        )


def is_file(name: str) -> bool:
    """Whether an entry names a file, and not something ready-made.

    Examples
    --------
    >>> is_file("ours.yaml"), is_file("champion")
    (True, False)
    """
    return Path(name).suffix.lower() in {".yaml", ".yml"}
