"""Build step beside pyproject.toml: wheels hold the scenarios of the top folder, as data of the package."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithScenarios(build_py):
    """Copies scenarios/ into the package that is built; an editable install reads them where they lie."""

    def run(self) -> None:
        """Build the package, then add the scenarios."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "sim", "data", "scenarios")
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree("scenarios", target)


setup(cmdclass={"build_py": BuildWithScenarios})
