//! How alike two texts are: what they share of their runs of three characters, which needs no word boundaries and so
//! does for Chinese. Source: DOMAIN.md 5.7 (Jaccard of character 3-grams, half is enough).

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

/// From how many percent on two texts may be about the same.
pub const ALIKE_PERCENT: u32 = 50;

fn runs(text: &str) -> BTreeSet<String> {
    let letters: Vec<char> =
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match letters.len() {
        0 => BTreeSet::new(),
        1 | 2 => BTreeSet::from([letters.into_iter().collect()]),
        _ => letters.windows(3).map(|run| run.iter().collect()).collect(),
    }
}

/// The share, in whole percent: 0 for nothing in common or an empty text, 100 for the same.
#[must_use]
pub fn alike(a: &str, b: &str) -> u32 {
    let (a, b) = (runs(a), runs(b));
    let both = a.intersection(&b).count();
    let any = a.union(&b).count();
    u32::try_from((100 * both).checked_div(any).unwrap_or(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_score_a_hundred_unrelated_none() {
        assert_eq!(alike("三号门下水道堵了", "三号门下水道堵了。"), 100);
        assert_eq!(alike("三号门下水道堵了", "楼上漏水"), 0);
        assert_eq!(alike("", ""), 0);
        assert!(alike("三号门口下水道堵了，污水外溢", "三号门口下水道堵了") >= ALIKE_PERCENT);
        assert!(alike("Drain blocked at gate 3", "The drain is blocked at gate 3") >= ALIKE_PERCENT);
        assert_eq!(alike("堵", "堵"), 100);
    }
}
