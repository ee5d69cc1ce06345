"""The lender's accounts: the tape, its checks, its segments, a synthetic book and a public one."""

from simcollect.portfolio.buckets import BUCKETS, bucket
from simcollect.portfolio.check import check
from simcollect.portfolio.mapping import Mapping
from simcollect.portfolio.portfolio import Portfolio
from simcollect.portfolio.segments import Segmentation, segment
from simcollect.portfolio.taiwan import read_taiwan

__all__ = ["BUCKETS", "Mapping", "Portfolio", "Segmentation", "bucket", "check", "read_taiwan", "segment"]
