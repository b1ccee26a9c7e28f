"""A headless Chromium, and what tests do with it."""

import shutil
import warnings

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PHONE = (375, 812)
_CONTRAST = """
const channels = (colour) => {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((c) => c / 255);
};
const light = (colour) => channels(colour).map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
  .reduce((sum, c, place) => sum + c * [.2126, .7152, .0722][place], 0);
const found = document.querySelector(arguments[0]);
let behind = found;
while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
const pair = [light(getComputedStyle(found).color), light(getComputedStyle(behind).backgroundColor)];
return (Math.max(...pair) + .05) / (Math.min(...pair) + .05);
"""


def open_browser():
    """A browser; skips, loudly, where there is none."""
    programs = [found for name in CHROMIUM if (found := shutil.which(name))]
    driver = shutil.which("chromedriver")
    if not programs or not driver:
        warnings.warn("chromium and chromedriver are not installed: the page is not tested", stacklevel=2)
        pytest.skip("no chromium")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for word in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1280,900",
    ):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(driver))


class Page:
    """The page in a browser.

    Args:
        browser: the browser.
        address: of the service.
    """

    def __init__(self, browser, address):
        self.browser = browser
        self.address = address

    def open(self, view=""):
        """Loads the page anew, at a view, and waits until that is there."""
        self.browser.get("about:blank")
        self.browser.get(f"{self.address}/{view}")
        return self.wait("h1")

    def all(self, selector):
        return self.browser.find_elements("css selector", selector)

    def texts(self, selector):
        return [found.text for found in self.all(selector)]

    def wait(self, selector, holds=lambda found: True):
        """The first element of a selector for which something holds."""
        from selenium.common.exceptions import StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        def look(browser):
            return next((found for found in self.all(selector) if found.is_displayed() and holds(found)), None)

        waiting = WebDriverWait(
            self.browser, 60, poll_frequency=0.05, ignored_exceptions=[StaleElementReferenceException]
        )
        return waiting.until(look, f"{selector} never came")

    def press(self, *keys):
        """Presses keys wherever the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.browser).send_keys(*keys).perform()

    def focused(self):
        return self.browser.switch_to.active_element

    def script(self, code):
        return self.browser.execute_script(f"return {code}")

    def contrast(self, selector):
        """Of an element's text with what is behind it, as WCAG counts."""
        return self.browser.execute_script(_CONTRAST, selector)

    def resize(self, size, *, mobile=False):
        """Another size of the view; the window itself has a least width."""
        words = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": mobile}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", words)

    def emulate(self, **features):
        """What the system says, such as ``prefers_color_scheme="dark"``."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})

    def complaints(self):
        """What the console has: errors, warnings, refused resources."""
        return [entry["message"] for entry in self.browser.get_log("browser")]
