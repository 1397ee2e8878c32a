//! What can be changed in the shop, and what it has against some changes.

use serde_json::{Value, json};

use crate::support::Caller;

const CREATE: &str = "mutation CreateProduct($product: ProductCreateInput!) { productCreate(product: $product) {
    product { id title status tags descriptionHtml variants(first: 1) { nodes { id price } } }
    userErrors { field message } } }";
const PRICE: &str = "mutation SetPrice($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {
    productVariantsBulkUpdate(productId: $productId, variants: $variants) {
        productVariants { id price } userErrors { field message code } } }";
const UPDATE: &str = "mutation UpdateCopy($product: ProductUpdateInput!) { productUpdate(product: $product) {
    product { id title descriptionHtml } userErrors { field message } } }";

async fn create(caller: &Caller, product: Value) -> Value {
    caller.graphql(CREATE, json!({"product": product})).await
}

#[tokio::test]
async fn a_new_product_has_no_price_until_its_variant_gets_one() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let tags = json!(["holly", " holly ", "summer, sale"]);
    let made =
        create(&caller, json!({"title": " Tee ", "status": "DRAFT", "tags": tags, "descriptionHtml": "<p>x</p>"}))
            .await;
    let product = &made["data"]["productCreate"]["product"];
    assert_eq!((&product["title"], &product["tags"]), (&json!("Tee"), &json!(["holly", "summer", "sale"])), "{made}");
    let variant = &product["variants"]["nodes"][0];
    assert_eq!(variant["price"], "0.00");
    let price = async |variant: Value| {
        let answer = caller.graphql(PRICE, json!({"productId": product["id"], "variants": [variant]})).await;
        answer["data"]["productVariantsBulkUpdate"].clone()
    };
    assert_eq!(price(json!({"id": variant["id"], "price": "24.5"})).await["productVariants"][0]["price"], "24.50");
    let negative = price(json!({"id": variant["id"], "price": "-1"})).await;
    assert_eq!(negative["userErrors"][0]["field"], json!(["variants", "0", "price"]));
    let unknown = price(json!({"id": "gid://shopify/ProductVariant/1", "price": "1"})).await;
    assert_eq!(unknown["userErrors"][0]["code"], "PRODUCT_VARIANT_DOES_NOT_EXIST");
    assert_eq!(price(json!({"price": "1"})).await["userErrors"][0]["code"], "PRODUCT_VARIANT_ID_MISSING");
}

#[tokio::test]
async fn new_copy_is_read_back_and_an_unknown_product_is_a_complaint() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let read = "{ products(first: 1) { nodes { id descriptionHtml } } }";
    let product = caller.graphql(read, json!({})).await["data"]["products"]["nodes"][0].clone();
    let new = json!({"id": product["id"], "descriptionHtml": "<p>Better.</p>"});
    let updated = caller.graphql(UPDATE, json!({"product": new})).await;
    assert_eq!(updated["data"]["productUpdate"]["userErrors"], json!([]), "{updated}");
    let again = caller.graphql(read, json!({})).await["data"]["products"]["nodes"][0].clone();
    assert_eq!(again["descriptionHtml"], "<p>Better.</p>");
    let gone = json!({"product": {"id": "gid://shopify/Product/1", "descriptionHtml": ""}});
    let gone = caller.graphql(UPDATE, gone).await;
    assert_eq!(gone["data"]["productUpdate"]["userErrors"][0]["field"], json!(["id"]));
}

#[tokio::test]
async fn what_a_caller_can_mend_is_a_complaint_and_what_no_type_allows_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    for product in [json!({"title": " "}), json!({}), json!({"title": "x".repeat(256)})] {
        let answer = create(&caller, product).await;
        assert_eq!(answer["data"]["productCreate"]["userErrors"][0]["field"], json!(["title"]), "{answer}");
        assert_eq!(answer["data"]["productCreate"]["product"], Value::Null);
    }
    for (product, code) in [
        (json!({"title": "x", "status": "LIVE"}), "INVALID_VARIABLE"),
        (json!({"title": 7}), "INVALID_VARIABLE"),
        (json!({"title": "x", "bodyHtml": "x"}), "INVALID_VARIABLE"),
        (json!({"title": "x", "variants": []}), "INVALID_VARIABLE"),
        (json!({"title": "x", "vendor": "x"}), "NOT_REHEARSED"),
    ] {
        let answer = create(&caller, product).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
    }
    let with_code = CREATE.replace("field message", "field message code");
    let answer = caller.graphql(&with_code, json!({"product": {"title": ""}})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "undefinedField", "{answer}");
}

#[tokio::test]
async fn all_pages_together_are_all_products() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    create(&caller, json!({"title": "Tagged", "tags": ["holly"]})).await;
    let query = "query($after: String, $q: String) { products(first: 5, after: $after, query: $q, sortKey: TITLE) {
        nodes { title } pageInfo { hasNextPage endCursor } } }";
    let mut titles = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = caller.graphql(query, json!({"after": after})).await["data"]["products"].clone();
        titles.extend(
            page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_lowercase()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(titles.len(), 13);
    assert!(titles.is_sorted(), "{titles:?}");
    let tagged = caller.graphql(query, json!({"q": "tag:'holly'"})).await;
    assert_eq!(tagged["data"]["products"]["nodes"], json!([{"title": "Tagged"}]));
}
