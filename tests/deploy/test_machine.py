"""What is said when the machine lacks something."""

import os
import socket
from pathlib import Path

import pytest

from deploy.machine import MachineError, check_folder, check_ports, check_space


def test_a_port_that_is_taken_is_named_with_the_setting_that_moves_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MachineError, match=f"Port {port} is taken.*PHONELAB_PORT={port + 100} make run"):
            check_ports({"PHONELAB_PORT": port})
    check_ports({"PHONELAB_PORT": port})


def test_a_folder_that_will_be_made_is_fine(tmp_path: Path) -> None:
    check_folder(tmp_path / "not" / "yet", "")
    check_space(tmp_path / "not" / "yet", 1, "One byte")


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(MachineError, match=r"is not a folder\. Set CARELINE_HOME"):
        check_folder(tmp_path / "var", "Set CARELINE_HOME")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_someone_else_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(MachineError, match="can't be written by this account"):
        check_folder(tmp_path / "var", "Set CARELINE_HOME")


def test_too_little_room_is_said_in_gigabytes(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"Installing needs about 1000000\.0 GB, and .* has .* GB free"):
        check_space(tmp_path, 10**15, "Installing")
