//! Columns of plain text; Chinese takes two places for each character.

/// On which side of its column a text stands.
#[derive(Clone, Copy)]
pub enum Align {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// The lines of a table, each column as wide as the widest of its texts.
pub fn table(rows: &[Vec<String>], align: &[Align]) -> Vec<String> {
    let wide = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max();
    let widths: Vec<usize> = (0..align.len()).map(|column| wide(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).zip(align);
        let cells: Vec<String> = cells.map(|((cell, width), align)| padded(cell, *width, *align)).collect();
        cells.join("  ").trim_end().to_string()
    };
    rows.iter().map(line).collect()
}

fn padded(cell: &str, wide: usize, align: Align) -> String {
    let blank = " ".repeat(wide.saturating_sub(width(cell)));
    match align {
        Align::Left => format!("{cell}{blank}"),
        Align::Right => format!("{blank}{cell}"),
    }
}

/// Places on a terminal: two for what is written in Chinese.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{2e80}'..='\u{ffef}').contains(&c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::{Align, table};

    #[test]
    fn chinese_and_latin_stand_under_one_another() {
        let rows = [["岗位", "1"], ["hand", "10"]].map(|row| row.map(str::to_string).to_vec());
        assert_eq!(table(&rows, &[Align::Left, Align::Right]), ["岗位   1", "hand  10"]);
    }
}
