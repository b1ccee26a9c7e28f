from tests.pipeline.conftest import shop_run  # noqa: F401  # a fixture
