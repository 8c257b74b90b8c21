"""A plugin that is installed beside a site, for the processes that are started after it."""

import os


def install(monkeypatch, folder, name, source):
    """The module `name`, with an entry point of that name."""
    info = folder / "installed" / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[entrepot.plugins]\n{name} = {name}\n")
    (info.parent / f"{name}.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(info.parent), os.environ.get("PYTHONPATH", "")]))
    config = folder / "plugins.toml"
    config.write_text(config.read_text().replace("[plugins]\n", f'[plugins]\n{name} = "*"\n'))
