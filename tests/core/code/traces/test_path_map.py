"""Deployed paths of every ecosystem lead to the repository's file, and to none where two fit equally well."""

from __future__ import annotations

import pytest

from sahur_core.code.traces.frames import Frame
from sahur_core.code.traces.path_map import PathMap

PYTHON = PathMap(
    [
        "shop/api.py",
        "services/a/app/views.py",
        "services/b/app/views.py",
        "services/a/app/models.py",
        "Lib/socket.py",
        "src/pkg/x.py",
    ]
)
SCRIPTS = PathMap(
    [
        "src/x.ts",
        "src/orders/cart.tsx",
        "lib/util.js",
        "packages/ui/src/button.tsx",
        "packages/ui/src/index.ts",
        "packages/api/src/index.ts",
        "app/page.tsx",
    ]
)
JVM = PathMap(
    [
        "src/main/java/com/shop/Till.java",
        "src/main/kotlin/com/shop/Cart.kt",
        "a/src/main/java/x/Y.java",
        "b/src/main/java/x/Y.java",
    ]
)
GO = PathMap(["cart/cart.go", "main.go", "internal/db/db.go"], name="acme/shop")
OTHERS = PathMap(
    [
        "serde/src/lib.rs",
        "serde_json/src/lib.rs",
        "activerecord/lib/active_record/base.rb",
        "lib/version.rb",
        "src/Cart.php",
        "lib/cart.dart",
        "Source/App.cs",
    ],
    name="acme/shop",
)


@pytest.mark.parametrize(
    ("deployed", "found"),
    [
        ("/srv/app/releases/20240101/shop/api.py", "shop/api.py"),
        (r"C:\agent\_work\1\s\shop\api.py", "shop/api.py"),
        (r"C:\AGENT\Shop\API.py", "shop/api.py"),
        ("/app/shop/__pycache__/api.cpython-311.pyc", "shop/api.py"),
        ("/app/shop/api.pyc", "shop/api.py"),
        ("/opt/app.pex/shop/api.py", "shop/api.py"),
        ("/srv/app/views.py", ""),
        ("/srv/services/a/app/views.py", "services/a/app/views.py"),
        ("/srv/app/models.py", "services/a/app/models.py"),
        ("/usr/lib/python3.11/socket.py", "Lib/socket.py"),
        ("/usr/lib/python3/site-packages/pkg/x.py", "src/pkg/x.py"),
        ("/usr/lib/python3/site-packages/other/x.py", ""),
    ],
)
def test_python(deployed: str, found: str) -> None:
    assert PYTHON.find(deployed) == found


@pytest.mark.parametrize(
    ("deployed", "found"),
    [
        ("webpack:///./src/x.ts", "src/x.ts"),
        ("webpack-internal:///./src/x.ts", "src/x.ts"),
        ("webpack://shop/./src/orders/cart.tsx?ab12", "src/orders/cart.tsx"),
        ("webpack-internal:///(app-pages-browser)/./app/page.tsx", "app/page.tsx"),
        ("/app/dist/x.js", "src/x.ts"),
        ("/app/build/orders/cart.js", "src/orders/cart.tsx"),
        ("http://localhost:3000/src/orders/cart.tsx?t=12", "src/orders/cart.tsx"),
        ("file:///app/lib/util.js", "lib/util.js"),
        ("/srv/node_modules/express/lib/util.js", ""),
        ("/srv/node_modules/@acme/ui/dist/button.js", "packages/ui/src/button.tsx"),
        ("/srv/node_modules/@acme/ui/dist/index.js", "packages/ui/src/index.ts"),
        ("/app/dist/index.js", ""),
        ("node:internal/process/task_queues", ""),
    ],
)
def test_javascript(deployed: str, found: str) -> None:
    assert SCRIPTS.find(deployed) == found


@pytest.mark.parametrize(
    ("deployed", "found"),
    [
        ("com/shop/Till.java", "src/main/java/com/shop/Till.java"),
        ("com/shop/Cart.java", "src/main/kotlin/com/shop/Cart.kt"),
        ("x/Y.java", ""),
        ("build/classes/java/main/com/shop/Till.class", "src/main/java/com/shop/Till.java"),
        ("target/classes/com/shop/Till$Inner.class", "src/main/java/com/shop/Till.java"),
        ("org/other/Till.java", ""),
    ],
)
def test_jvm(deployed: str, found: str) -> None:
    assert JVM.find(deployed) == found


@pytest.mark.parametrize(
    ("deployed", "found"),
    [
        ("/go/pkg/mod/github.com/acme/shop@v1.2.3/cart/cart.go", "cart/cart.go"),
        ("/go/pkg/mod/github.com/other/lib@v1.0.0/cart/cart.go", ""),
        ("/data/ci/go/src/github.com/acme/shop/internal/db/db.go", "internal/db/db.go"),
        ("github.com/acme/shop/cart/cart.go", "cart/cart.go"),
        ("/usr/local/go/src/net/http/server.go", ""),
    ],
)
def test_go(deployed: str, found: str) -> None:
    assert GO.find(deployed) == found


@pytest.mark.parametrize(
    ("deployed", "found"),
    [
        ("/data/u/.cargo/registry/src/index.crates.io-6f17d22b/serde_json-1.0.1/src/lib.rs", "serde_json/src/lib.rs"),
        ("/data/u/.cargo/registry/src/index.crates.io-6f17d22b/rand-0.8.0/src/lib.rs", ""),
        ("/bundle/gems/activerecord-6.0.1/lib/active_record/base.rb", "activerecord/lib/active_record/base.rb"),
        ("/bundle/gems/foo-1.0/lib/version.rb", ""),
        ("/var/www/vendor/acme/shop/src/Cart.php", "src/Cart.php"),
        ("/var/www/vendor/slim/slim/src/Cart.php", ""),
        ("package:shop/cart.dart", "lib/cart.dart"),
        ("package:other/cart.dart", ""),
        ("/_/Source/App.cs", "Source/App.cs"),
    ],
)
def test_packages_of_other_ecosystems(deployed: str, found: str) -> None:
    assert OTHERS.find(deployed) == found


def test_the_other_frames_of_a_trace_tell_which_of_two_equal_files_is_meant() -> None:
    paths = PathMap(["a/app/views.py", "b/app/views.py", "b/app/models.py", "a/run.py", "b/start.py"])
    frames = [Frame("/srv/app/views.py", 1), Frame("/srv/app/models.py", 2)]
    assert paths.find_all(frames) == ["b/app/views.py", "b/app/models.py"]
    assert paths.find_all(frames[:1]) == [""]
    assert paths.find_all([]) == []


def test_frames_of_another_root_do_not_decide() -> None:
    paths = PathMap(["a/app/views.py", "b/app/views.py", "b/app/models.py"])
    assert paths.find_all([Frame("/opt/x/app/models.py", 1), Frame("/srv/y/app/views.py", 1)]) == ["b/app/models.py", ""]


def test_of_two_names_that_differ_in_case_the_exact_one_is_meant() -> None:
    paths = PathMap(["src/Cart.js", "src/cart.js"])
    assert [paths.find("/app/src/cart.js"), paths.find("/app/src/CART.js")] == ["src/cart.js", ""]
