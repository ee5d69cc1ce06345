"""Intervals by profile likelihood: how far a number can move if all others may follow.

Where the late may be able but unwilling or strained, the likelihood is a curved ridge, or has several hills of nearly
one height: along it several numbers move together and hardly anything is lost, yet at the estimate it looks narrow.
Standard errors then promise too much. The ends of an interval are the outermost points at which the best posterior with
the number held there lies ``1.92 = 3.84 / 2`` below the highest (Venzon & Moolgavkar, Applied Statistics 37(1), 1988);
the others are looked for from the estimate and from every other hill on which a search of the fit ended.

A profile takes a hill's height and not its width. How much room the others have while the number is held changes on
the way, and an interval of a posterior leaves a fortieth of its probability beyond each end. By Laplace's method that
end is where not r, the root of twice what is lost, but ``r + log(q / r) / r`` is 1.96, with ``q = slope (|J_others| /
|J|)^½``, J the curvatures at the end and at the estimate (DiCiccio & Martin, Biometrika 78(4), 1991). The farther of
the two ends is taken: in histories drawn from known parameters the nearer one left too many out
(`docs/performance.md`).

Likewise a hill that is lower, but so much wider that as much of the posterior lies around it, is as probable
(`tops`): so an interval also holds what lies on such hills (`_around`).

A share of a disposition is not a free number: it depends on the factors of all of them. Its log-odds take the place of
its own factor (`Scale`), so that what is held is the share that is reported.

Looks at the data are dear, so none is made that cannot change an end. A first one costs one gradient: on the line on
which the others follow as the curvature at the estimate says, the posterior has fallen by d, and a Newton step of the
others would win ``g' R g / 2`` of it back. Only where the rest is not what a parabola would lose are the others
searched for; each hill's others go on from where they were found last (`_Path`), a search ends once it is known on
which side of the end it is, and another hill is left as soon as it cannot be the better one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from simcollect.calibration.curvature import curvature, principal
from simcollect.calibration.descent import End, descend
from simcollect.calibration.likelihood import DROP, EDGE, Z95, Fit
from simcollect.calibration.tops import Top

Array = npt.NDArray[np.float64]

TAIL = 0.025  # of the probability, beyond either end of an interval
LIKE_A_PARABOLA = (0.85, 1.2)  # of `DROP`, within which the first look is taken for the answer: judgement
CLOSE = 0.1  # of `DROP`, to which an end is looked for: 2.5 % of its distance
LOOKS = 14  # at most for an end
STEPS = 200  # at most of a search for the others
SURE = 0.002  # of the distance from `DROP`: what a step may still promise when a search ends; on a ridge the
# steps are many and each promises little, so this is far below what would do for a bowl
SETTLED = 5e-4  # of `DROP`, the same at the end itself
HOPE = 10.0  # times what a step promises, below which no search is thought to come, for the same reason: judgement
MOST_MOVED = 0.6  # standard deviates by which volume moves an end at most: judgement, as far as Laplace may be trusted
FAR = 2.0  # times the distance of two points, as far as a line through them is trusted: judgement


class Scale:
    """The free numbers with one of them, if it is that of a share, replaced by the log-odds of the share.

    Attributes
    ----------
    i : which; weights : (P,) shares of the other dispositions over that of the prompt, at the default; else zero
    """

    def __init__(self, fit: Fit, i: int) -> None:
        self.i = i
        self.weights = np.zeros(fit.theta.size)
        entry = fit.model.free[i]
        if entry.kind != "share":
            return
        band = next(band for band in fit.model.bands if entry.cells[band].any())
        shares = fit.model.base[entry.entry][band]
        for j, other in enumerate(fit.model.free):
            if j != i and other.entry == entry.entry and other.cells[band].any():
                self.weights[j] = shares[other.cells[band]].sum() / shares[0]

    def to(self, theta: Array) -> Array:
        """Return the numbers on this scale (log-odds but for a constant)."""
        x = theta.copy()
        x[self.i] -= np.log1p(float(self.weights @ np.exp(theta)))
        return x

    def back(self, x: Array) -> Array:
        """Return theta."""
        theta = x.copy()
        theta[self.i] += np.log1p(float(self.weights @ np.exp(x)))
        return theta

    def bend(self, theta: Array) -> Array:
        """Return by how much number i falls on this scale as each of the others rises."""
        raw = self.weights * np.exp(theta)
        return np.asarray(raw / (1 + raw.sum()))

    def turn(self, theta: Array) -> Array:
        """Return the derivatives of the numbers on this scale by theta."""
        out = np.eye(theta.size)
        out[self.i] -= self.bend(theta)
        return out


def profile(fit: Fit, i: int, widest: float = np.inf) -> tuple[float, float]:
    """Return how far below and above its estimate number `i` may lie (95 %), a share on the scale of log-odds.

    Widened where the robust standard error is larger than that of the curvature.

    Parameters
    ----------
    fit, i : an estimate, and which of its numbers
    widest : where a profile's side is longer than this, its end is told without a look at the room of the others
    """
    scale, known = Scale(fit, i), fit.tops
    turn = scale.turn(fit.theta)
    inverse, covariance = turn @ known[0].inverse @ turn.T, turn @ fit.covariance @ turn.T
    robust = max(float(np.sqrt(covariance[i, i] / inverse[i, i])), 1.0)
    high_enough = [known[0], *(top for top in known[1:] if top.lost < DROP)]
    sides = [_Side(fit, scale, high_enough, sign) for sign in (-1.0, 1.0)]
    ends = np.array([side.reach() for side in sides])
    for top in known[1:]:
        ends = np.maximum(ends, _around(top, known[0], scale))
    if robust * ends.max() <= widest:
        ends = np.maximum(ends, [side.farther() for side in sides])
    low, high = robust * ends
    return float(low), float(high)


def _around(top: Top, estimate: Top, scale: Scale) -> tuple[float, float]:
    """Return how far below and above the estimate the interval has to reach for a hill's sake; -inf if not at all.

    The hill counts as a bowl with a weight: its height times its volume, as shares of the estimate's, at most one.
    Beyond the end no more may be left than the tail of a 95 % interval.
    """
    from scipy.stats import norm

    weight = float(np.exp(min(max(top.volume - estimate.volume, 0.0) - top.lost, 0.0)))
    if weight <= TAIL:
        return -np.inf, -np.inf
    turn, i = scale.turn(top.theta), scale.i
    away = float(scale.to(top.theta)[i] - scale.to(estimate.theta)[i])
    reach = float(norm.isf(TAIL / weight) * np.sqrt((turn @ top.inverse @ turn.T)[i, i]))
    return reach - away, reach + away


class _Path:
    """The others as they follow the number from one hill outwards.

    Attributes
    ----------
    rest : inverse curvature of the others with the number held; corrected by every search
    points : where searches have ended, by how far the number had moved
    """

    def __init__(self, top: Top, scale: Scale, away: float) -> None:
        i = scale.i
        turn = scale.turn(top.theta)
        inverse = turn @ top.inverse @ turn.T
        others = np.delete(np.arange(top.theta.size), i)
        self.follow = inverse[others, i] / inverse[i, i]
        self.rest = inverse[np.ix_(others, others)] - np.outer(inverse[others, i], self.follow)
        self.points = [(away, scale.to(top.theta)[others])]

    def at(self, away: float, sign: float) -> Array:
        """Return where the others are thought to be: on the line through the two nearest points, if there are two."""
        near = sorted(self.points, key=lambda point: abs(point[0] - away))
        (there, x), *more = near
        if more and abs(away - there) <= FAR * abs(more[0][0] - there):
            return np.asarray(x + (more[0][1] - x) * (away - there) / (more[0][0] - there))
        return np.asarray(x + sign * (away - there) * self.follow)

    def note(self, away: float, end: End) -> None:
        """Remember where a search has ended."""
        self.rest = end.inverse
        self.points = [point for point in self.points if abs(point[0] - away) > 1e-9] + [(away, end.x)]


class _Side:
    """One side of one number: what is lost with the number held there."""

    def __init__(self, fit: Fit, scale: Scale, known: Sequence[Top], sign: float) -> None:
        i = scale.i
        self.fit, self.scale, self.sign, self.i = fit, scale, sign, i
        self.x, self.best = scale.to(fit.theta), fit.model.objective(fit.theta)[0]
        self.others = np.delete(np.arange(fit.theta.size), i)
        self.limit = EDGE * fit.model.sd
        self.paths = [_Path(top, scale, sign * float(scale.to(top.theta)[i] - self.x[i])) for top in known]
        turn = scale.turn(fit.theta)
        self.error = float(np.sqrt((turn @ known[0].inverse @ turn.T)[i, i]))
        nought = scale.to(np.zeros_like(fit.theta))[i]
        self.room = float(self.limit[i] - sign * (self.x[i] - nought))
        self.end = 0.0
        self.near: tuple[float, float, Array] | None = None  # a point near the end, what is lost there, the others

    def reach(self) -> float:
        """Return how far the number may move by its profile."""
        self.end = float(np.clip(self._profile(), 0.0, self.room))
        return self.end

    def farther(self) -> float:
        """Return how far it may move by the room that the others have at the end, if that is farther."""
        return self.end if self.near is None else float(min(self.end + self._by_volume(*self.near), self.room))

    def _profile(self) -> float:
        step = min(Z95 * self.error, self.room)
        if step <= 1e-3 * self.error:  # the estimate stands at the edge of the allowed range
            return max(step, 0.0)
        inside, root = 0.0, 0.0
        for path in self.paths[1:]:
            away, others = path.points[0]
            if away > inside:
                inside, root = away, float(np.sqrt(max(self._lost(away, others)[0], 0.0)))
        if inside == 0.0:
            first = self._descend(self.paths[0], step, lambda value, gain: True)
            lost = first.value - first.gain
            like = LIKE_A_PARABOLA[0] * DROP <= lost <= LIKE_A_PARABOLA[1] * DROP
            if like and self._others(step, lost, first.x, self.paths[0])[0] >= lost - CLOSE * DROP:
                self.near = step, lost, first.x
                return float(step * np.sqrt(DROP / lost))
        return self._walk(inside, root, max(step, inside + 0.5 * step))

    def _walk(self, inside: float, root: float, step: float) -> float:
        """Return where what is lost passes `DROP`, from a point inside and a first step."""
        target = float(np.sqrt(DROP))  # the root of what is lost is a line where the profile is a parabola
        outside, above = np.inf, np.inf
        for _ in range(LOOKS):
            step = min(step, self.room)
            lost, others = self._search(step)
            if abs(lost - DROP) <= CLOSE * DROP and step > inside:
                slope = (np.sqrt(lost) - root) / (step - inside)
                self.near = step, lost, others
                return float(step + (target - np.sqrt(lost)) / slope if slope > 0 else step)
            if lost > DROP:
                outside, above = step, float(np.sqrt(min(lost, 1e6)))
            else:
                if step >= self.room:
                    return self.room
                inside, root = step, float(np.sqrt(max(lost, 0.0)))
            if np.isinf(outside):
                step = inside * float(np.clip(target / max(root, 1e-3), 1.1, 2.0))
            else:
                share = (target - root) / (above - root)
                step = inside + (outside - inside) * float(np.clip(share, 0.1, 0.9))
        return step

    def _by_volume(self, step: float, lost: float, others: Array) -> float:
        """Return how much farther out than the profile's end the interval's lies, from what is seen near that end."""
        value, gradient, own = self._look(step, others)
        sd = self.fit.model.sd[self.others]
        bend = curvature(lambda others: self._look(step, others)[1], others, sd, gradient)
        rest = float(np.log(principal(bend, sd)[0]).sum())
        # Where the others have not quite followed, what they would still win back shrinks the slope alike.
        slope = (own + float(gradient @ (self.sign * self.paths[0].follow))) * lost / value
        if slope <= 0:
            return 0.0
        r = float(np.sqrt(2 * lost))
        q = slope * float(np.exp(0.5 * rest + self.fit.tops[0].volume))
        return float(np.clip(-np.log(q / r) / r, 0.0, MOST_MOVED)) * r / slope

    def _lost(self, step: float, others: Array) -> tuple[float, Array]:
        """Return what the posterior has lost with the number held at a step, and its gradient by the others."""
        return self._look(step, others)[:2]

    def _look(self, step: float, others: Array) -> tuple[float, Array, float]:
        """Return also the slope outwards."""
        x = np.empty_like(self.x)
        x[self.i], x[self.others] = self.x[self.i] + self.sign * step, others
        theta = self.scale.back(x)
        value, gradient = self.fit.model.objective(np.clip(theta, -self.limit, self.limit))
        others_gradient = gradient + gradient[self.i] * self.scale.bend(theta)
        return value - self.best, others_gradient[self.others], self.sign * float(gradient[self.i])

    def _descend(self, path: _Path, step: float, enough: Callable[[float, float], bool]) -> End:
        """Return where the others end from where a path thinks them."""
        start, limit = path.at(step, self.sign), self.limit[self.others]
        return descend(lambda others: self._lost(step, others), start, path.rest, limit, enough, STEPS)

    def _search(self, step: float) -> tuple[float, Array]:
        """Return the least that is lost with the number held at a step, as surely as needed, and the others there."""

        def placed(value: float, gain: float) -> bool:
            return value < (1 - CLOSE) * DROP or gain <= max(SETTLED * DROP, SURE * (value - DROP))

        nearest = min(self.paths, key=lambda path: min(abs(away - step) for away, _ in path.points))
        end = self._descend(nearest, step, placed)
        nearest.note(step, end)
        return self._others(step, end.value, end.x, nearest)

    def _others(self, step: float, best: float, x: Array, but: _Path) -> tuple[float, Array]:
        """Return the least that is lost, and where, if the other paths are seen too: as far as they may be better."""
        for path in [path for path in self.paths if path is not but]:
            if best < (1 - CLOSE) * DROP:
                break  # inside, whatever the others say

            def placed(value: float, gain: float, best: float = best) -> bool:
                known = value < (1 - CLOSE) * DROP or gain <= SETTLED * DROP
                return known or value - HOPE * gain > best - SETTLED * DROP

            end = self._descend(path, step, placed)
            path.note(step, end)
            if end.value < best:
                best, x = end.value, end.x
        return best, x
