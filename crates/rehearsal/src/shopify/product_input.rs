//! What a caller may say of a product: types and members first, as the schema wants them, then the shop's own rules.

use serde_json::{Map, Value, json};

use super::document::Field;
use super::project::Refused;

/// Members of the real input that the rehearsed shop does not keep.
const NOT_KEPT: [&str; 12] = [
    "category",
    "claimOwnership",
    "collectionsToJoin",
    "giftCard",
    "handle",
    "metafields",
    "productOptions",
    "productType",
    "redirectNewHandle",
    "seo",
    "templateSuffix",
    "vendor",
];
const STATUSES: [&str; 3] = ["ACTIVE", "ARCHIVED", "DRAFT"];
/// Characters of a title or a tag.
const LONGEST_NAME: usize = 255;
/// Tags of one product.
const MOST_TAGS: usize = 250;
/// Bytes of a description.
const LONGEST_DESCRIPTION: usize = 512 * 1_024;

/// A product as far as it was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ProductInput {
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) description_html: Option<String>,
    pub(super) status: Option<String>,
    pub(super) tags: Option<Vec<String>>,
}

/// A list of one complaint that a caller can mend, with a code where the mutation has codes.
pub(super) fn complaint(field: &[&str], message: &str, code: Option<&str>) -> Value {
    let mut error = json!({"__typename": "UserError", "field": field, "message": message});
    if let Some(code) = code {
        error["code"] = code.into();
    }
    json!([error])
}

/// The argument `name` of a mutation that takes no others.
pub(super) fn argument<'a>(field: &'a Field, names: &[&str], name: &str) -> Result<&'a Value, Refused> {
    if let Some(other) = field.args.keys().find(|other| !names.contains(&other.as_str())) {
        return Err(Refused {
            message: format!("Field '{}' doesn't accept argument '{other}'", field.name),
            path: vec![field.key.clone()],
            code: "argumentNotAccepted",
        });
    }
    field.args.get(name).filter(|value| !value.is_null()).ok_or_else(|| Refused {
        message: format!("Field '{}' is missing required arguments: {name}", field.name),
        path: vec![field.key.clone()],
        code: "missingRequiredArguments",
    })
}

/// A value of a variable that its type does not allow.
pub(super) fn invalid(field: &Field, kind: &str, place: &str, why: &str) -> Refused {
    Refused {
        message: format!("Variable of type {kind}! was provided invalid value for {place} ({why})"),
        path: vec![field.key.clone()],
        code: "INVALID_VARIABLE",
    }
}

impl ProductInput {
    /// Reads the argument `product`; `kind` is the name of its type.
    pub(super) fn read(field: &Field, kind: &str) -> Result<Self, Refused> {
        let value = argument(field, &["product"], "product")?;
        let Value::Object(members) = value else { return Err(invalid(field, kind, "product", "Expected an object")) };
        let has_id = kind == "ProductUpdateInput";
        for name in members.keys() {
            if NOT_KEPT.contains(&name.as_str()) {
                return Err(Refused {
                    message: format!("The rehearsal shop does not keep `{name}`"),
                    path: vec![field.key.clone()],
                    code: "NOT_REHEARSED",
                });
            }
            let known = matches!(name.as_str(), "title" | "descriptionHtml" | "status" | "tags")
                || (has_id && name.as_str() == "id");
            if !known {
                return Err(invalid(field, kind, name, &format!("Field is not defined on {kind}")));
            }
        }
        let text = |name: &str| text(members, name).map_err(|why| invalid(field, kind, name, why));
        let status = text("status")?;
        if let Some(status) = status.as_deref().filter(|status| !STATUSES.contains(status)) {
            let why = format!("Expected \"{status}\" to be one of: {}", STATUSES.join(", "));
            return Err(invalid(field, kind, "status", &why));
        }
        Ok(Self {
            id: text("id")?,
            title: text("title")?,
            description_html: text("descriptionHtml")?,
            status,
            tags: tags(members).map_err(|why| invalid(field, kind, "tags", why))?,
        })
    }

    /// What the shop has against it; null when nothing.
    pub(super) fn complaints(&self) -> Value {
        if let Some(title) = &self.title {
            if title.trim().is_empty() {
                return complaint(&["title"], "Title can't be blank", None);
            }
            if title.chars().count() > LONGEST_NAME {
                return complaint(&["title"], "Title is too long (maximum is 255 characters)", None);
            }
        }
        if self.description_html.as_ref().is_some_and(|text| text.len() > LONGEST_DESCRIPTION) {
            return complaint(&["descriptionHtml"], "Description is too big (maximum is 512 KB)", None);
        }
        match &self.tags {
            Some(tags) if tags.len() > MOST_TAGS => {
                complaint(&["tags"], "Product tags can't contain more than 250 tags", None)
            }
            Some(tags) if tags.iter().any(|tag| tag.chars().count() > LONGEST_NAME) => {
                complaint(&["tags"], "Product tags is too long (maximum is 255 characters)", None)
            }
            _ => Value::Null,
        }
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, &'static str> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err("Could not coerce value to String"),
    }
}

/// A list of texts, or one text, which commas take apart; blanks and repetitions are dropped.
fn tags(members: &Map<String, Value>) -> Result<Option<Vec<String>>, &'static str> {
    let said: Vec<&str> = match members.get("tags") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts.ok_or("Could not coerce value to String")?
        }
        Some(_) => return Err("Could not coerce value to String"),
    };
    let mut tags: Vec<String> = Vec::new();
    for tag in said.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
            tags.push(tag.to_owned());
        }
    }
    Ok(Some(tags))
}
