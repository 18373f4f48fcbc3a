"""Schemas of manifests: what the manifest of each kind of stored folder must say."""

from datetime import date, datetime
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from sim.output.measuring import Kind as MetricKind

Kind = Literal["result", "sweep", "hindcast", "calibration", "audit"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)

Count = Annotated[int, Field(ge=1, lt=2**53)]
Seed = Annotated[int, Field(ge=0, lt=2**53)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class FileEntry(_Part):
    """Size and digests of a file of the folder; older versions stored no block digest (`sim.output.checksums`)."""

    bytes: int = Field(ge=0)
    sha256: Digest
    block_digest: Digest = ""


class Drawn(_Part):
    """The source of drawn parameters, and in what it differs from the table of parameters."""

    name: str
    digest: str
    filled: dict[str, Number] = Field(default_factory=dict)
    ignored: list[str] = Field(default_factory=list)
    constants: list[str] = Field(default_factory=list)


class SweepDesign(_Part):
    """Kind and size of a sweep's design."""

    kind: Literal["grid", "latin-hypercube", "sobol", "morris", "list"]
    samples: Count | None = None
    seed: Seed | None = None
    second_order: bool | None = None
    levels: Count | None = None
    groups: list[str] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"sobol": ("samples", "second_order"), "morris": ("samples", "levels")}.get(self.kind, ())
        for key in needed:
            if getattr(self, key) is None:
                raise ValueError(f"lacks '{key}', which kind '{self.kind}' needs")
        return self


class SweepFactor(_Part):
    """Values of a varied key, or the ends of its range."""

    values: list[bool | float | str] | None = None
    low: Number | None = None
    high: Number | None = None
    prior: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.values and (self.low is None or self.high is None):
            raise ValueError("has neither values nor a range; needs 'values', or 'low' and 'high'")
        return self


class AnyManifest(_Part):
    """The fields that every manifest has."""

    format: int
    kind: Kind
    created: datetime
    id: str
    name: str
    title: str
    seed: Seed
    replicates: Count
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    branches: list[str]
    metrics: list[str]
    versions: dict[str, str | int] = Field(default_factory=dict)
    platform: str = ""
    command: list[str] = Field(default_factory=list)
    files: dict[FileName, FileEntry]


class ResultManifest(AnyManifest):
    """Manifest of the result of a run."""

    branches: list[str] = Field(min_length=1)
    engine: str
    trajectories: Count | None = None
    focus: str | None
    guarantor: str | None
    members: list[str]
    codes: list[str]
    dates: list[date]
    parameters: dict[str, Number | None]
    posterior: Drawn | None = None


class SweepManifest(AnyManifest):
    """Manifest of a sweep."""

    branches: list[str] = Field(min_length=1)
    metrics: list[str] = Field(min_length=1)
    engine: str
    design: SweepDesign
    factors: dict[str, SweepFactor] = Field(min_length=1)
    common_draws: bool
    kinds: dict[str, MetricKind]
    posterior: Drawn | None = None

    @field_validator("kinds")
    @classmethod
    def _one_each(cls, kinds: dict[str, MetricKind], info: ValidationInfo) -> dict[str, MetricKind]:
        if kinds.keys() != set(info.data.get("metrics", kinds)):
            raise ValueError("has other metrics than the list of metrics")
        return kinds


class HindcastManifest(AnyManifest):
    """Manifest of a hindcast."""

    splits: list[str]


class AuditManifest(AnyManifest):
    """Manifest of an audit."""

    claim: str
    verdict: str
    whole: bool
    engine: str
    parameters: str


SCHEMAS: Final[dict[str, type[AnyManifest]]] = {
    "result": ResultManifest,
    "sweep": SweepManifest,
    "hindcast": HindcastManifest,
    "calibration": AnyManifest,
    "audit": AuditManifest,
}
