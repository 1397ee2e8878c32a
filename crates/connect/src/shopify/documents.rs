//! The GraphQL documents. Values go in as variables only.

pub(super) const PRODUCTS: &str = "query Products($first: Int!, $after: String) {
  products(first: $first, after: $after) {
    edges { node { id title status totalInventory
      variants(first: 5) { edges { node { id title price inventoryQuantity } } } } }
    pageInfo { hasNextPage endCursor }
  }
}";

pub(super) const ORDERS: &str = "query Orders($first: Int!, $after: String) {
  orders(first: $first, after: $after, sortKey: CREATED_AT, reverse: true) {
    edges { node { id name createdAt displayFinancialStatus displayFulfillmentStatus
      totalPriceSet { shopMoney { amount currencyCode } } } }
    pageInfo { hasNextPage endCursor }
  }
}";

pub(super) const ORDERS_SINCE: &str = "query OrdersSince($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    edges { node { id legacyResourceId name createdAt updatedAt cancelledAt test
      displayFinancialStatus displayFulfillmentStatus
      totalPriceSet { shopMoney { amount currencyCode } }
      totalRefundedSet { shopMoney { amount currencyCode } } } }
    pageInfo { hasNextPage endCursor }
  }
}";

pub(super) const ORDER: &str = "query Order($id: ID!, $after: String) {
  order(id: $id) {
    id legacyResourceId name createdAt updatedAt cancelledAt test
    displayFinancialStatus displayFulfillmentStatus
    currentTotalPriceSet { shopMoney { amount currencyCode } }
    totalRefundedSet { shopMoney { amount currencyCode } }
    currentShippingPriceSet { shopMoney { amount currencyCode } }
    lineItems(first: 100, after: $after) {
      nodes { id title sku quantity currentQuantity unfulfilledQuantity requiresShipping
        discountedUnitPriceSet { shopMoney { amount currencyCode } }
        variant { id legacyResourceId } }
      pageInfo { hasNextPage endCursor }
    }
    shippingAddress { name address1 address2 city provinceCode countryCodeV2 zip phone }
  }
}";

pub(super) const SHOP: &str = "query Shop { shop { name myshopifyDomain } }";

pub(super) const PRODUCTS_WITH_COPY: &str = "query ProductsWithCopy($first: Int!, $after: String) {
  products(first: $first, after: $after) {
    edges { node { id title status descriptionHtml totalInventory onlineStoreUrl
      variants(first: 1) { edges { node { price } } } } }
    pageInfo { hasNextPage endCursor }
  }
}";

pub(super) const FIND_PRODUCT: &str = "query FindProduct($first: Int!, $query: String!) {
  products(first: $first, query: $query) {
    edges { node { id title status tags variants(first: 1) { nodes { id price } } } }
  }
}";

pub(super) const PRODUCT_COPY: &str = "query ProductCopy($id: ID!) { product(id: $id) { id title descriptionHtml } }";

pub(super) const CREATE_PRODUCT: &str = "mutation CreateProduct($product: ProductCreateInput!) {
  productCreate(product: $product) {
    product { id title status variants(first: 1) { nodes { id } } }
    userErrors { field message }
  }
}";

// The variants of a product cannot be set when it is made.
pub(super) const SET_PRICE: &str = "mutation SetPrice($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $productId, variants: $variants) {
    productVariants { id price }
    userErrors { field message code }
  }
}";

pub(super) const UPDATE_COPY: &str = "mutation UpdateCopy($product: ProductUpdateInput!) {
  productUpdate(product: $product) {
    product { id title descriptionHtml }
    userErrors { field message }
  }
}";
