"""Contrast as the eye has it: colours painted over one another, whatever notation they are in."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

RATIO = """
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  const seen = colours => {
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = rgb => rgb
    .map(part => part / 255)
    .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const grounds = element => element
    ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor]
    : ["white"];
  const ratio = (element, colour) => {
    const ground = grounds(element);
    const [light, dark] = [seen(ground), seen([...ground, colour])]
      .map(luminance).sort((one, other) => other - one);
    return (light + 0.05) / (dark + 0.05);
  };
"""


def faint_texts(page: Page) -> list[str]:
    """Return every visible text whose contrast is below that of WCAG 2.2, success criterion 1.4.3."""
    faint: list[str] = page.evaluate(f"""() => {{
      {RATIO}
      const faint = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {{
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
        const contrast = ratio(element, getComputedStyle(element).color);
        if (contrast < 4.5) faint.push(`${{walker.currentNode.data.trim()}}: ${{contrast.toFixed(2)}}`);
      }}
      return faint;
    }}""")
    return faint


def shows_focus(focused: Locator) -> bool:
    """Whether there is a ring, and it stands out from what it is drawn on: success criterion 1.4.11."""
    is_shown: bool = focused.evaluate(f"""element => {{
      {RATIO}
      const style = getComputedStyle(element);
      const isInside = parseFloat(style.outlineOffset) < 0;
      const contrast = ratio(isInside ? element : element.parentElement, style.outlineColor);
      return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2 && contrast >= 3;
    }}""")
    return is_shown
