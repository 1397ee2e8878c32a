//! The shop as it stands on the first day: products, customers, stock.

use domain::time::Timestamp;

use super::rng::Rng;
use super::state::State;
use super::things::{Customer, Printable, Product, Variant};

/// Title, what it is, cost of printing one (minor units); the third of each four is no Printful item.
const PRODUCTS: [(&str, &str, i64); 12] = [
    ("Harbour Fog Tee", "Soft cotton tee with a harbour at dawn.", 1_195),
    ("Night Train Hoodie", "Heavy hoodie with a sleeper train under stars.", 2_450),
    ("Copper Kettle Stickers", "A sheet of hand-cut kettle stickers.", 180),
    ("Field Notes Mug", "Ceramic mug, eleven ounces, meadow plants.", 595),
    ("Tin Robot Poster", "Matte poster of a patient tin robot.", 1_050),
    ("Slow Sunday Tote", "Canvas tote for the long way home.", 1_125),
    ("Beeswax Candle", "Poured by hand in small batches.", 640),
    ("Paper Moon Tee", "Light tee with a folded moon.", 1_195),
    ("Lighthouse Cap", "Embroidered cap, low crown.", 1_495),
    ("Quiet Forest Print", "Framed forest, twelve by sixteen.", 2_195),
    ("Letterpress Cards", "Ten blank cards, two inks.", 450),
    ("Brass Compass Hoodie", "Zip hoodie with a compass rose.", 2_895),
];
const SIZES: [&str; 3] = ["S", "M", "L"];
/// Margin of each product over its print cost, percent; dealt out by the seed.
const MARGINS: [i64; 12] = [-5, 8, 15, 20, 24, 28, 31, 34, 37, 40, 43, 45];

const FIRST_NAMES: [&str; 10] = ["Ada", "Bruno", "Chloe", "Dmitri", "Elena", "Femi", "Greta", "Hugo", "Ines", "Jonas"];
const LAST_NAMES: [&str; 8] = ["Abbott", "Bergmann", "Castro", "Dubois", "Eriksen", "Fraser", "Greco", "Hollis"];
/// City, province, postal code, country code, country.
const PLACES: [(&str, &str, &str, &str, &str); 8] = [
    ("Portland", "OR", "97201", "US", "United States"),
    ("Austin", "TX", "78701", "US", "United States"),
    ("Chicago", "IL", "60601", "US", "United States"),
    ("Leeds", "", "LS1 4AP", "GB", "United Kingdom"),
    ("Toronto", "ON", "M5H 2N2", "CA", "Canada"),
    ("Lyon", "", "69002", "FR", "France"),
    ("Hamburg", "", "20095", "DE", "Germany"),
    ("Denver", "CO", "80202", "US", "United States"),
];

/// Fills an empty world.
pub(super) fn furnish(state: &mut State, now: Timestamp) {
    let mut margins = MARGINS;
    state.meta_mut().rng.shuffle(&mut margins);
    for (index, (title, text, cost)) in PRODUCTS.iter().enumerate() {
        let id = state.next_shop_id();
        let printed = index % 4 != 2;
        let variants = SIZES.iter().enumerate().map(|(step, size)| {
            // Larger ones cost a little more to print.
            let cost = cost + 100 * i64::try_from(step).unwrap_or(0);
            let sync_variant_id = 4_100_000_000 + u64::try_from(index * 10 + step).unwrap_or(0);
            let id = state.next_shop_id();
            let rng = &mut state.meta_mut().rng;
            Variant {
                id,
                title: (*size).to_owned(),
                sku: sku(title, size),
                price: retail(cost, margins[index]),
                inventory: rng.between(40, 400),
                printable: printed.then_some(Printable {
                    sync_variant_id,
                    catalog_variant_id: 4_000 + sync_variant_id % 1_000,
                    cost,
                }),
            }
        });
        let variants = variants.collect();
        let product = Product {
            id,
            title: (*title).to_owned(),
            description_html: format!("<p>{text}</p>"),
            status: "ACTIVE".to_owned(),
            tags: Vec::new(),
            variants,
            created_at: now,
            updated_at: now,
        };
        state.products.put(id.to_string(), product);
    }
    for index in 0..40 {
        let id = state.next_shop_id();
        let customer = customer(&mut state.meta_mut().rng, id, index);
        state.customers.put(id.to_string(), customer);
    }
}

/// The price at which `margin` percent of it are left after `cost`, to a tenth: towards the cost, so that no margin
/// leaves the range they are drawn from.
fn retail(cost: i64, margin: i64) -> i64 {
    let exact = cost * 100 / (100 - margin);
    if margin < 0 { (exact + 10) / 10 * 10 } else { exact / 10 * 10 }
}

fn sku(title: &str, size: &str) -> String {
    let letters: String = title.split(' ').filter_map(|word| word.get(..2)).collect::<String>().to_uppercase();
    format!("{letters}-{size}")
}

fn customer(rng: &mut Rng, id: u64, index: usize) -> Customer {
    let first_name = FIRST_NAMES[index % FIRST_NAMES.len()];
    let last_name = LAST_NAMES[rng.index(LAST_NAMES.len())];
    let (city, province, zip, code, country) = PLACES[rng.index(PLACES.len())];
    Customer {
        id,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        email: format!("{}.{}{index}@customers.example", first_name.to_lowercase(), last_name.to_lowercase()),
        address1: format!("{} Rehearsal Street", rng.between(1, 220)),
        city: city.to_owned(),
        province_code: province.to_owned(),
        zip: zip.to_owned(),
        country_code: code.to_owned(),
        country: country.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::retail;

    #[test]
    fn prices_leave_the_margin_they_promise() {
        for margin in super::MARGINS {
            let price = retail(1_195, margin);
            let left = (price - 1_195) * 100 / price;
            assert!((margin - 1..=margin + 1).contains(&left), "{margin} {price} {left}");
            assert!((-5..=45).contains(&left), "{margin} {price} {left}");
        }
    }
}
