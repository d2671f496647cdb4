//! Letters to those who keep copies past their due date (督促状). Printing one is written down nowhere.

use chrono::NaiveDate;
use domain::{
    PlaceCode,
    circulation::{DeskList, Letter, LetterLine, has_run_out, hold_shelf_order, slip_label},
};
use uuid::Uuid;

use crate::{Fault, Library, catalog::shown, storage::fetch_all};

type OverdueRow = (Uuid, String, String, String, String, NaiveDate, String, String);

impl Library {
    /// The letters a place writes: to those who borrowed there and are overdue for longer than the policy says. A letter
    /// names everything the patron is overdue with; what the patron says was returned is looked for, not asked for.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn overdue_letters(&self, here: &PlaceCode) -> Result<DeskList<Vec<Letter>>, Fault> {
        let (today, days) = (self.today(), self.policy().daily.letter_after_days);
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            OverdueRow,
            "select pt.id, pt.name, pt.name_kana, pt.card_number, l.place, l.due_on, b.record, p.label
             from loan l join patron pt on pt.id = l.patron_id
             join part p on p.id = l.part_id join bib b on b.id = p.bib_id
             where l.returned_at is null and l.due_on < $1 and l.return_said_at is null
             order by pt.id, l.due_on, l.id",
            today
        )?;
        let mut letters: Vec<(Uuid, bool, Letter)> = Vec::new();
        for (patron, name, name_kana, card_number, place, due_on, record, label) in rows {
            if letters.last().is_none_or(|(of, ..)| *of != patron) {
                let label = slip_label(&name_kana, &card_number);
                letters.push((patron, false, Letter { label, name, lines: Vec::new() }));
            }
            if let Some((_, due, letter)) = letters.last_mut() {
                *due |= place == here.0 && has_run_out(due_on, days, today);
                letter.lines.push(LetterLine { title: shown(&record, &label)?.title, due_on });
            }
        }
        let mut letters: Vec<Letter> = letters.into_iter().filter(|(_, due, _)| *due).map(|(.., it)| it).collect();
        letters.sort_by_cached_key(|letter| hold_shelf_order(&letter.label));
        let counts = self.counts(&mut tx, here).await?;
        Ok(self.desk_list(counts, letters))
    }
}
