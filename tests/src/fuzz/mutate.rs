//! Real messages, and what a seed makes of them: flipped, spliced, bent where JSON is JSON, and filled with hostile words.

use serde_json::Value;

use super::{CANARY, SEPARATOR};

/// One valid event of each type.
pub const EXAMPLES: &str = include_str!("../../../crates/care/tests/data/examples.jsonl");
const POLICY: &str = include_str!("../../../deploy/policy.toml");
const LETTER: &str = include_str!("../../../crates/mailer/templates/letter.txt");
const WORDS: &str = include_str!("../../../deploy/templates/words.toml");
/// As async-nats writes a header block.
const HEADERS: &str =
    "NATS/1.0\r\nNats-Msg-Id: urn:x/1\r\ncontent-type: application/cloudevents+json\r\nce-id: 7%20\r\n\r\n";

/// Words that have broken programs: ends of lines, directions, nothing at all, lengths, other people's syntax.
const HOSTILE: [&str; 26] = [
    "",
    "\0",
    "\r\nBcc: eve@evil.example\r\n\r\n",
    "\nEND:VEVENT\nBEGIN:VEVENT",
    "\r",
    "\u{202e}gnp.exe",
    "\u{200b}\u{200d}\u{feff}",
    "\u{2028}\u{2029}\u{85}",
    "=?utf-8?q?=0D=0ABcc:_x?=",
    "{{ 7 * 7 }}{% for x in y %}",
    "<script>alert(1)</script>",
    "\"\\\";,:",
    "../../etc/passwd",
    "care.acme.>",
    "*",
    "NaN",
    "-Infinity",
    "1e999",
    "9007199254740993",
    "-0.0",
    "2199-12-31T23:59:59Z",
    "1900-01-01T00:00:00+23:59",
    "\u{1f468}\u{200d}\u{2695}\u{fe0f}",
    "ﷺ",
    "a\u{301}\u{301}\u{301}\u{301}",
    ".\r\n",
];

/// Numbers that look drawn; the same seed, the same numbers.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// For one input of one property.
    #[must_use]
    pub fn new(seed: u64, property: &str, number: usize) -> Self {
        let name = property
            .bytes()
            .fold(seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Self(name ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Below `n`; 0 for 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn word(&mut self) -> String {
        let word = *self.pick(&HOSTILE);
        match self.below(8) {
            0 => word.repeat(1 + self.below(400)),
            1 => format!("{CANARY}{word}"),
            2 => format!("{word}{CANARY} Quistgaard"),
            3 => format!("Ada{word}"),
            4 => "x".repeat(self.below(70_000)),
            _ => word.to_owned(),
        }
    }
}

/// An input for a property: something real, bent a little or a lot.
#[must_use]
pub fn input(property: &str, chance: &mut Chance) -> Vec<u8> {
    let lines: Vec<&str> = EXAMPLES.lines().collect();
    match property {
        "envelope" | "line" => {
            let line = one_line(chance, &lines);
            if property == "line" {
                return bytes(chance, line.into_bytes());
            }
            // The first byte says on which subject it came.
            let mut data = vec![chance.below(256) as u8];
            data.extend(bytes(chance, line.into_bytes()));
            data
        }
        "fold" | "course" => {
            let many = 1 + chance.below(if property == "fold" { 24 } else { 40 });
            let mut all: Vec<String> = (0..many).map(|_| one_line(chance, &lines)).collect();
            if property == "course" {
                // A plan and a calendar, so that something follows from the rest.
                all.splice(
                    0..0,
                    [lines[0].to_owned(), lines[17].to_owned(), lines[6].to_owned()],
                );
            }
            all.join("\n").into_bytes()
        }
        "headers" => bytes(chance, HEADERS.as_bytes().to_vec()),
        "policy" => {
            let spoilt = in_lines(chance, POLICY);
            bytes(chance, spoilt)
        }
        "wording" => {
            let parts = [in_lines(chance, LETTER), in_lines(chance, WORDS)];
            let mut data = parts[0].clone();
            data.extend(SEPARATOR.to_string().bytes());
            data.extend(&parts[1]);
            data
        }
        _ => {
            let some = 1 + chance.below(12);
            let words: Vec<String> = (0..some).map(|_| text(chance)).collect();
            let joined = words.join(&SEPARATOR.to_string());
            bytes(chance, joined.into_bytes())
        }
    }
}

fn text(chance: &mut Chance) -> String {
    match chance.below(4) {
        0 => "ada.okafor@clinic.example".to_owned(),
        1 => "Electroacupuncture before physical therapy".to_owned(),
        _ => chance.word(),
    }
}

/// An example with up to four changes to its structure.
fn one_line(chance: &mut Chance, lines: &[&str]) -> String {
    let mut value: Value = serde_json::from_str(chance.pick::<&str>(lines)).unwrap_or_default();
    for _ in 0..chance.below(4) {
        let mut places = Vec::new();
        pointers(&value, "", &mut places);
        let place = chance.pick(&places).clone();
        let other: Value = serde_json::from_str(chance.pick::<&str>(lines)).unwrap_or_default();
        let new = replacement(chance, &other);
        match chance.below(12) {
            0 => remove(&mut value, &place),
            1 => rename(&mut value, &place, chance),
            _ => {
                if let Some(slot) = value.pointer_mut(&place) {
                    *slot = new;
                }
            }
        }
    }
    let text = value.to_string();
    match chance.below(40) {
        // What a JSON value cannot hold: a number that is none, a name twice, and depth.
        0 => text.replacen(":1", ":NaN", 1),
        1 => text.replacen("\"data\":{", "\"data\":{\"revision\":1,\"revision\":2,", 1),
        2 => text.replacen("\"data\":{", &format!("\"data\":{{\"x\":{},", nested(chance)), 1),
        3 => text.replacen(':', &format!(":{}", " ".repeat(chance.below(66_000))), 1),
        4 => text.replacen("\"id\":\"", "\"id\":\"\\ud800", 1),
        _ => text,
    }
}

fn nested(chance: &mut Chance) -> String {
    let depth = chance.below(3000);
    format!(
        "{}{}",
        "[".repeat(depth),
        "]".repeat(if chance.below(2) == 0 { depth } else { 1 })
    )
}

fn replacement(chance: &mut Chance, other: &Value) -> Value {
    match chance.below(8) {
        0 => Value::Null,
        1 => Value::from(*chance.pick(&[0_i64, 1, -1, 100, 101, i64::MAX, i64::MIN, 9_007_199_254_740_990])),
        2 => Value::from(*chance.pick(&[0.5_f64, -0.0, 1e300, 35.55])),
        3 => Value::from(vec![Value::Null; chance.below(300)]),
        4 | 5 => Value::from(chance.word()),
        _ => {
            let mut places = Vec::new();
            pointers(other, "", &mut places);
            other
                .pointer(chance.pick::<String>(&places))
                .cloned()
                .unwrap_or_default()
        }
    }
}

/// Every place of a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, v)| pointers(v, &format!("{at}/{name}"), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(n, v)| pointers(v, &format!("{at}/{n}"), found)),
        _ => {}
    }
}

fn remove(value: &mut Value, place: &str) {
    let Some((parent, name)) = place.rsplit_once('/') else {
        return;
    };
    if let Some(Value::Object(fields)) = value.pointer_mut(parent) {
        fields.remove(name);
    }
}

fn rename(value: &mut Value, place: &str, chance: &mut Chance) {
    let Some((parent, name)) = place.rsplit_once('/') else {
        return;
    };
    if let Some(Value::Object(fields)) = value.pointer_mut(parent)
        && let Some(held) = fields.remove(name)
    {
        fields.insert(chance.word(), held);
    }
}

/// A text with some of its lines dropped, doubled, moved or spoilt.
fn in_lines(chance: &mut Chance, text: &str) -> Vec<u8> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..1 + chance.below(4) {
        let at = chance.below(lines.len());
        match chance.below(5) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => lines[at] = lines[at].replace(|c: char| c.is_ascii_digit(), "9"),
            3 => {
                let word = chance.word();
                lines[at] = lines[at].replacen('=', &format!("= {word}"), 1);
            }
            _ => {
                let word = chance.word();
                lines[at].push_str(&word);
            }
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n").into_bytes()
}

/// One time in four the bytes themselves are bent.
fn bytes(chance: &mut Chance, mut data: Vec<u8>) -> Vec<u8> {
    if chance.below(4) != 0 || data.is_empty() {
        return data;
    }
    for _ in 0..1 + chance.below(6) {
        let at = chance.below(data.len());
        match chance.below(6) {
            0 => data[at] ^= 1 << chance.below(8),
            1 => data.insert(at, chance.below(256) as u8),
            2 => data.truncate(at),
            3 => {
                let word = chance.word();
                data.splice(at..at, word.bytes());
            }
            4 => data.splice(at..at, [0xff, 0xfe, 0xc0, 0x80]).for_each(drop),
            _ => {
                let end = (at + chance.below(60)).min(data.len());
                let part = data[at..end].to_vec();
                let to = chance.below(data.len());
                data.splice(to..to, part);
            }
        }
        if data.is_empty() {
            break;
        }
    }
    data
}
