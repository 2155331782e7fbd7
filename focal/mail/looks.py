"""How letters look: classes of templates turned into the inline styles that mail needs.

Templates of letters are written like those of pages, without styles; many mail programs drop
style sheets, so the few looks a letter has are put on each element when it is written.
"""

from __future__ import annotations

import re

FONT = "font-family:'Source Sans 3','Segoe UI',Roboto,Helvetica,Arial,sans-serif"
LOOKS = {  # colours of ui, in the light; letters have no dark
    "letter": (
        f"margin:0;padding:0;background:#f3f6f6;color:#14262b;{FONT};font-size:16px;line-height:1.5"
    ),
    "sheet": "max-width:600px;margin:0 auto;padding:24px 20px;background:#ffffff",
    "brand": "margin:0 0 20px;font-size:18px;font-weight:700;color:#0b5563",
    "marking": (
        "display:inline-block;padding:1px 6px;background:#000000;color:#ffffff;"
        "font-size:12px;font-weight:700;white-space:nowrap"
    ),
    "marking green": (
        "display:inline-block;padding:1px 6px;background:#000000;color:#33ff00;"
        "font-size:12px;font-weight:700;white-space:nowrap"
    ),
    "title": "margin:0 0 6px;font-size:24px;line-height:1.25;font-weight:700",
    "lede": "margin:0 0 20px;color:#44575d",
    "group": (
        "margin:28px 0 8px;padding-top:12px;border-top:2px solid #0b5563;font-size:18px;"
        "line-height:1.3;font-weight:700"
    ),
    "item": "margin:0 0 18px",
    "item title": "margin:0;font-size:17px;line-height:1.35;font-weight:600",
    "link": "color:#0b5563;text-decoration:underline",
    "about": "margin:2px 0 0;font-size:14px;color:#44575d",
    "summary": "margin:4px 0 0",
    "warm": "margin:0 0 14px;padding:12px 14px;background:#fbeee7;border-left:4px solid #a8431b",
    "button": (
        "display:inline-block;margin-top:16px;padding:8px 16px;background:#0b5563;"
        "color:#ffffff;text-decoration:none;border-radius:4px;font-weight:600"
    ),
    "foot": (
        "margin:32px 0 0;padding-top:14px;border-top:1px solid #cfdadb;font-size:13px;"
        "line-height:1.5;color:#44575d"
    ),
    "small": "margin:0 0 8px",
}
CLASS = re.compile(r'class="([a-z ]+)"')


def dress(html: str) -> str:
    """Each class becomes the style of its name; KeyError for one that has none."""
    return CLASS.sub(lambda found: f'style="{LOOKS[found[1]]}"', html)
