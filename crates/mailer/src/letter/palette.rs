//! The colours of a letter, by day and by night; a test holds every pair that carries text to a contrast of 4.5 to 1.

use serde::Serialize;

/// Colours as `#rrggbb`.
#[derive(Debug, Serialize)]
pub(super) struct Palette {
    /// Around the letter.
    page: &'static str,
    /// The letter.
    card: &'static str,
    /// Text.
    ink: &'static str,
    /// Labels and footer.
    muted: &'static str,
    /// Rules between rows.
    rule: &'static str,
    /// Behind commands.
    code: &'static str,
    /// Links.
    link: &'static str,
    /// Text on a badge.
    on_badge: &'static str,
    calm: Shade,
    notice: Shade,
    action: Shade,
    urgent: Shade,
    emergency: Shade,
}

/// One tone: the badge, and the panel that holds the one thing to do.
#[derive(Debug, Serialize)]
struct Shade {
    badge: &'static str,
    panel: &'static str,
}

pub(super) const LIGHT: Palette = Palette {
    page: "#eceff3",
    card: "#ffffff",
    ink: "#1a2430",
    muted: "#4b5767",
    rule: "#d8dee6",
    code: "#f1f4f7",
    link: "#0b5394",
    on_badge: "#ffffff",
    calm: Shade {
        badge: "#47566b",
        panel: "#f1f4f7",
    },
    notice: Shade {
        badge: "#1d5a96",
        panel: "#eaf2fa",
    },
    action: Shade {
        badge: "#0d5f5b",
        panel: "#e7f4f2",
    },
    urgent: Shade {
        badge: "#9c3a00",
        panel: "#fdf0e6",
    },
    emergency: Shade {
        badge: "#a3121f",
        panel: "#fdebeb",
    },
};

pub(super) const DARK: Palette = Palette {
    page: "#0f141a",
    card: "#19202a",
    ink: "#e9eef4",
    muted: "#adb8c5",
    rule: "#364252",
    code: "#242e3a",
    link: "#8fc4f5",
    on_badge: "#0f141a",
    calm: Shade {
        badge: "#b6c3d2",
        panel: "#242e3a",
    },
    notice: Shade {
        badge: "#8fc4f5",
        panel: "#1c3147",
    },
    action: Shade {
        badge: "#7fd4cc",
        panel: "#17383a",
    },
    urgent: Shade {
        badge: "#ffb583",
        panel: "#432a1a",
    },
    emergency: Shade {
        badge: "#ff9f9f",
        panel: "#4a1f24",
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, WCAG 2.2.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let c = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_has_a_contrast_of_at_least_four_and_a_half() {
        for palette in [LIGHT, DARK] {
            let Palette {
                page,
                card,
                ink,
                muted,
                code,
                link,
                on_badge,
                ..
            } = palette;
            let mut pairs = vec![
                (ink, card),
                (muted, card),
                (ink, code),
                (link, card),
                (muted, page),
                (ink, page),
            ];
            for shade in [
                palette.calm,
                palette.notice,
                palette.action,
                palette.urgent,
                palette.emergency,
            ] {
                pairs.push((on_badge, shade.badge));
                pairs.push((ink, shade.panel));
                pairs.push((muted, shade.panel));
            }
            for (text, ground) in pairs {
                assert!(
                    contrast(text, ground) >= 4.5,
                    "{text} on {ground}: {:.2}",
                    contrast(text, ground)
                );
            }
        }
    }
}
