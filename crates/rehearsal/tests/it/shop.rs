//! The shop's documents as the product sends them.

use serde_json::json;

use crate::support::Caller;

const ORDER: &str = "query One($id: ID!, $after: String) { order(id: $id) {
    id legacyResourceId name createdAt updatedAt cancelledAt test displayFinancialStatus displayFulfillmentStatus
    currentTotalPriceSet { shopMoney { amount currencyCode } } totalRefundedSet { shopMoney { amount currencyCode } }
    currentShippingPriceSet { shopMoney { amount currencyCode } }
    lineItems(first: 1, after: $after) { nodes { id title sku quantity currentQuantity unfulfilledQuantity requiresShipping
        discountedUnitPriceSet { shopMoney { amount currencyCode } } variant { id legacyResourceId } }
        pageInfo { hasNextPage endCursor } }
    shippingAddress { name address1 address2 city provinceCode countryCodeV2 zip phone } } }";

#[tokio::test]
async fn one_order_is_read_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let id = caller.order("paid").await;
    let (mut lines, mut after) = (0, json!(null));
    loop {
        let gid = format!("gid://shopify/Order/{id}");
        let answer = caller.graphql(ORDER, json!({"id": gid, "after": after})).await;
        let order = &answer["data"]["order"];
        assert_eq!(order["legacyResourceId"], id.as_str(), "{answer}");
        assert_eq!(order["displayFinancialStatus"], "PAID");
        assert!(answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"].is_number());
        lines += order["lineItems"]["nodes"].as_array().unwrap().len();
        after = order["lineItems"]["pageInfo"]["endCursor"].clone();
        if order["lineItems"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert!((1..=3).contains(&lines));
}

#[tokio::test]
async fn orders_are_paged_by_their_last_change() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    for _ in 0..4 {
        caller.order("paid").await;
    }
    let query = "query($after: String, $q: String) { orders(first: 3, after: $after, query: $q, sortKey: UPDATED_AT) {
        edges { node { legacyResourceId updatedAt } } pageInfo { hasNextPage endCursor } } }";
    let since = "updated_at:>='2020-01-01T00:00:00Z'";
    let first = caller.graphql(query, json!({"q": since})).await["data"]["orders"].clone();
    let second = caller.graphql(query, json!({"q": since, "after": first["pageInfo"]["endCursor"]})).await;
    assert_eq!((first["edges"].as_array().unwrap().len(), first["pageInfo"]["hasNextPage"].as_bool()), (3, Some(true)));
    assert_eq!(second["data"]["orders"]["edges"].as_array().unwrap().len(), 1);
    let none = caller.graphql(query, json!({"q": "updated_at:>='2999-01-01T00:00:00Z'"})).await;
    assert_eq!(none["data"]["orders"]["edges"], json!([]));
}

#[tokio::test]
async fn a_product_is_made_priced_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let create = "mutation Make($product: ProductCreateInput!) { productCreate(product: $product) {
        product { id title status variants(first: 1) { nodes { id } } } userErrors { field message } } }";
    let made =
        caller.graphql(create, json!({"product": {"title": "It's new", "status": "DRAFT", "tags": ["holly"]}})).await;
    let product = &made["data"]["productCreate"]["product"];
    assert_eq!(product["status"], "DRAFT", "{made}");
    let price = "mutation($id: ID!, $variants: [ProductVariantsBulkInput!]!) {
        productVariantsBulkUpdate(productId: $id, variants: $variants) {
            productVariants { id price } userErrors { field message code } } }";
    let variants = json!([{"id": product["variants"]["nodes"][0]["id"], "price": "24.50"}]);
    let priced = caller.graphql(price, json!({"id": product["id"], "variants": variants})).await;
    assert_eq!(priced["data"]["productVariantsBulkUpdate"]["productVariants"][0]["price"], "24.50", "{priced}");
    let find = "query($q: String) { products(first: 1, query: $q) { edges { node { id title status } } } }";
    let found = caller.graphql(find, json!({"q": r"title:'It\'s new'"})).await;
    assert_eq!(found["data"]["products"]["edges"][0]["node"]["id"], product["id"]);
    let blank = caller.graphql(create, json!({"product": {"title": ""}})).await;
    assert_eq!(blank["data"]["productCreate"]["userErrors"][0]["field"], json!(["title"]));
}

#[tokio::test]
async fn unknown_fields_and_missing_tokens_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let unknown = caller.graphql("{ products(first: 1) { nodes { colour } } }", json!({})).await;
    assert_eq!(unknown["errors"][0]["extensions"]["code"], "undefinedField", "{unknown}");
    for (argument, code) in [("colour: 1", "argumentNotAccepted"), ("last: 1", "NOT_REHEARSED")] {
        let query = format!("{{ products(first: 1, {argument}) {{ nodes {{ id }} }} }}");
        let answer = caller.graphql(&query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
    }
    let unreadable = caller.graphql("{ products(", json!({})).await;
    assert!(unreadable["errors"][0]["message"].is_string());
    let url = format!("{}/admin/api/2026-10/graphql.json", caller.handle.urls["shopify"]);
    let bare = reqwest::Client::new().post(url).json(&json!({"query": "{ shop { name } }"})).send().await.unwrap();
    assert_eq!(bare.status(), 401);
}

#[tokio::test]
async fn an_empty_bucket_throttles() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let heavy = "{ products(first: 250) { nodes { id variants(first: 100) { nodes { id } } } } }";
    let mut codes = Vec::new();
    for _ in 0..4 {
        let answer = caller.graphql(heavy, json!({})).await;
        codes.push(answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("").to_owned());
    }
    assert!(codes.iter().any(|code| code == "THROTTLED"), "{codes:?}");
}
