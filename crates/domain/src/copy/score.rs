//! How good a product text is, by four measures that need no model.
//!
//! The readability is Flesch's reading ease (R. Flesch, "A new readability yardstick", 1948), with a syllable counted for
//! each run of vowels. The other measures are bands: too little is bad, enough is good, too much is bad again.

use serde_json::{Value, json};

use super::markup::{Piece, pieces, visible_text};

/// What is looked for when nobody says what else.
pub const DEFAULT_KEYWORDS: [&str; 6] = ["quality", "premium", "handcrafted", "unique", "perfect", "gift"];

/// Elements that give a text a structure.
const STRUCTURE: [&str; 12] = ["p", "ul", "ol", "li", "strong", "em", "h1", "h2", "h3", "h4", "h5", "h6"];

/// The measures of one text. All parts are from 0 to 1; `flesch` and `composite` from 0 to 100.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// Reading ease, 0 to 100.
    pub flesch: f64,
    /// Reading ease as a part.
    pub readability: f64,
    /// Whether the length is right.
    pub length: f64,
    /// Whether the keywords come often enough and not too often.
    pub keyword: f64,
    /// Share of words that are keywords.
    pub density: f64,
    /// Whether it is laid out.
    pub structure: f64,
    /// The four parts, weighted.
    pub composite: f64,
    /// Words that a reader sees.
    pub words: usize,
}

impl Score {
    /// The figures of a tool result, rounded as people read them.
    #[must_use]
    pub fn to_json(self) -> Value {
        json!({
            "readability": rounded(self.readability, 3),
            "length": rounded(self.length, 3),
            "keyword_density": rounded(self.keyword, 3),
            "structure": rounded(self.structure, 3),
            "composite": rounded(self.composite, 1),
            "word_count": self.words,
            "flesch": rounded(self.flesch, 1),
            "kd_pct": rounded(self.density * 100.0, 2),
        })
    }
}

/// Scores a text. Words and sentences are those that a reader sees; the structure is that of the HTML. An empty text
/// scores zero everywhere.
#[must_use]
pub fn score(html: &str, keywords: &[impl AsRef<str>]) -> Score {
    let text = visible_text(html);
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return Score::default();
    }
    let (w, s) = (words.len() as f64, sentences(&text) as f64);
    let y = syllables(&text) as f64;
    let flesch = (206.835 - 1.015 * w / s - 84.6 * y / w).clamp(0.0, 100.0);
    let wanted: Vec<String> = keywords.iter().map(|keyword| keyword.as_ref().trim().to_lowercase()).collect();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let density = words.iter().filter(|word| wanted.contains(&bare(word))).count() as f64 / w;
    let score = Score {
        flesch,
        readability: flesch / 100.0,
        length: length(w),
        keyword: keyword(density),
        density,
        structure: structure(html, s),
        composite: 0.0,
        words: words.len(),
    };
    let composite = 30.0 * score.readability + 30.0 * score.length + 20.0 * score.keyword + 20.0 * score.structure;
    Score { composite, ..score }
}

/// Pieces between runs of `.`, `!` and `?` that hold anything; at least one.
fn sentences(text: &str) -> usize {
    text.split(['.', '!', '?']).filter(|piece| !piece.trim().is_empty()).count().max(1)
}

/// Runs of vowels.
fn syllables(text: &str) -> usize {
    let mut runs = 0;
    let mut within = false;
    for c in text.chars() {
        let vowel = matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
        runs += usize::from(vowel && !within);
        within = vowel;
    }
    runs
}

fn length(words: f64) -> f64 {
    match words {
        w if w < 20.0 => w / 20.0,
        w if w <= 150.0 => 1.0,
        w if w <= 300.0 => 1.0 - (w - 150.0) / 300.0,
        _ => 0.3,
    }
}

fn keyword(density: f64) -> f64 {
    match density {
        d if d < 0.01 => d / 0.01,
        d if d <= 0.05 => 1.0,
        d if d <= 0.10 => 1.0 - (d - 0.05) / 0.10,
        _ => 0.2,
    }
}

fn structure(html: &str, sentences: f64) -> f64 {
    let laid_out =
        pieces(html).iter().any(|piece| matches!(piece, Piece::Open(name, _) if STRUCTURE.contains(&name.as_str())));
    let base: f64 = if laid_out { 1.0 } else { 0.6 };
    if sentences >= 3.0 { (base + 0.2).min(1.0) } else { base }
}

fn rounded(value: f64, places: i32) -> f64 {
    let factor = 10_f64.powi(places);
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(html: &str) -> Score {
        score(html, &DEFAULT_KEYWORDS)
    }

    fn words(count: usize) -> String {
        vec!["cat"; count].join(" ")
    }

    #[test]
    fn the_length_is_a_band() {
        for (count, part) in
            [(1, 0.05), (10, 0.5), (19, 0.95), (20, 1.0), (150, 1.0), (151, 1.0 - 1.0 / 300.0), (300, 0.5), (301, 0.3)]
        {
            assert!((of(&words(count)).length - part).abs() < 1e-9, "{count}");
        }
    }

    #[test]
    fn the_keywords_are_a_band() {
        // 200 words, of which so many are keywords.
        for (hits, part) in [(0, 0.0), (1, 0.5), (2, 1.0), (10, 1.0), (15, 0.75), (20, 0.5), (21, 0.2)] {
            let text = format!("{} {}", vec!["\"Gift!\""; hits].join(" "), words(200 - hits));
            let score = of(&text);
            assert!((score.keyword - part).abs() < 1e-9, "{hits}: {score:?}");
        }
    }

    #[test]
    fn the_structure_counts_tags_and_sentences() {
        for (html, part) in [
            ("plain", 0.6),
            ("One. Two! Three?", 0.8),
            ("<p>plain</p>", 1.0),
            ("<ul><li>One. Two. Three.</li></ul>", 1.0),
            ("<div>plain</div>", 0.6),
            ("&lt;p&gt;", 0.6),
        ] {
            assert!((of(html).structure - part).abs() < 1e-9, "{html}");
        }
    }

    #[test]
    fn the_reading_ease_is_fleschs() {
        // 9 words, 1 sentence, 11 runs of vowels: 206.835 - 1.015 * 9 - 84.6 * 11 / 9.
        assert!((of("The quick brown fox jumps over the lazy dog.").flesch - 94.3).abs() < 1e-9);
        // 105.09 by the formula.
        assert!((of("The cat sat. It was happy.").flesch - 100.0).abs() < 1e-9);
        let hard = of("Incomprehensibility characterises institutionalisation");
        assert!(hard.flesch.abs() < 1e-9, "{hard:?}");
    }

    #[test]
    fn the_whole_is_the_weighted_sum_rounded() {
        let html = "<p>A premium gift that feels soft on the skin and lasts for years of wear and wash at home.</p>";
        let score = of(html);
        let sum = 30.0 * score.readability + 30.0 * score.length + 20.0 * score.keyword + 20.0 * score.structure;
        assert!((score.composite - sum).abs() < 1e-9);
        let shown = score.to_json();
        assert_eq!(shown["word_count"], 19);
        // 2 of 19 words: above a tenth.
        assert_eq!((&shown["keyword_density"], &shown["kd_pct"]), (&json!(0.2), &json!(10.53)));
        assert_eq!((&shown["length"], &shown["structure"]), (&json!(0.95), &json!(1.0)));
    }

    #[test]
    fn nothing_to_read_scores_nothing() {
        for html in ["", "  \n", "<p></p>", "<script>premium gift</script>", "<!-- gift -->"] {
            assert_eq!(of(html), Score::default(), "{html}");
            assert_eq!(of(html).to_json()["composite"], 0.0);
        }
    }

    proptest! {
        #[test]
        fn every_part_stays_within_its_range(html in "\\PC{0,300}") {
            let score = of(&html);
            for part in [score.readability, score.length, score.keyword, score.structure] {
                prop_assert!((0.0..=1.0).contains(&part));
            }
            prop_assert!((0.0..=100.0).contains(&score.composite) && (0.0..=100.0).contains(&score.flesch));
        }
    }
}
