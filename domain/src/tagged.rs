//! Enums that carry the name of their variant in JSON.

/// Makes an enum that is written in JSON as an object with a field that names the variant, as it is stored and has always been,
/// and in formats that only programs read (`wire`) as serde writes every enum. Those can't look ahead for a name, and a browser
/// would have to load what keeps the other fields until the name is known.
///
/// It is given the enum, the field, and the enum's name once more for serde.
macro_rules! tagged {
    ($tag:literal, $name:literal, $(#[$attribute:meta])* pub enum $Name:ident { $($variants:tt)* }) => {
        $(#[$attribute])*
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(remote = "Self", tag = $tag, rename_all = "kebab-case")]
        pub enum $Name { $($variants)* }

        const _: () = {
            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(remote = $name)]
            enum Plain { $($variants)* }

            impl serde::Serialize for $Name {
                fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                    if to.is_human_readable() { Self::serialize(self, to) } else { Plain::serialize(self, to) }
                }
            }

            impl<'de> serde::Deserialize<'de> for $Name {
                fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    if from.is_human_readable() { Self::deserialize(from) } else { Plain::deserialize(from) }
                }
            }
        };
    };
}

pub(crate) use tagged;

#[cfg(test)]
mod tests {
    use crate::{
        catalog::{LimitGroup, MaterialType},
        circulation::Refusal,
    };

    #[test]
    fn json_names_the_variant_among_the_fields() {
        let refusal = Refusal::LimitReached { group: LimitGroup::Cds, limit: 10 };
        let json = r#"{"code":"limit-reached","group":"cds","limit":10}"#;
        assert_eq!(serde_json::to_string(&refusal).expect("JSON"), json);
        assert_eq!(serde_json::from_str::<Refusal>(json).expect("a refusal"), refusal);
        assert_eq!(serde_json::to_string(&Refusal::NewestIssue).expect("JSON"), r#"{"code":"newest-issue"}"#);
    }

    #[test]
    fn on_the_wire_a_variant_is_a_number() {
        let refusals = [Refusal::NewestIssue, Refusal::MaterialNotReservable { material: MaterialType::Dvd }];
        let text = wire::write(&refusals).expect("written");
        assert_eq!(text, "1;0;4;");
        assert_eq!(wire::read::<[Refusal; 2]>(&text), Ok(refusals));
    }
}
