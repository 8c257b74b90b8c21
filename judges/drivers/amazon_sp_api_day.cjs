// A seller's day with npm's `amazon-sp-api`: `node ... URL`, steps on stdin (see talk.py).
//
// Its addresses are fixed: https, port 443. The documented `https_proxy_agent` leads every connection to the simulator,
// which tells Amazon's hosts apart by the Host header. Grantless scopes and polling are the client's own.

const {Agent} = require('https');
const net = require('net');
const readline = require('readline');
const SellingPartner = require('amazon-sp-api');

const {hostname, port} = new URL(process.argv[2]);
const MOST_TOLD = 300;

class ToSimulator extends Agent {
  createConnection(_, connected) {
    return net.connect({host: hostname, port}, connected);
  }
}

let client = sellingPartner('refresh of the judge');

function sellingPartner(refresh_token) {
  return new SellingPartner({
    region: 'eu',
    refresh_token,
    credentials: {SELLING_PARTNER_APP_CLIENT_ID: 'judge', SELLING_PARTNER_APP_CLIENT_SECRET: 'of the judge'},
    options: {https_proxy_agent: new ToSimulator()}
  });
}

function call(operation, version, given = {}) {
  return client.callAPI({operation, ...given, options: {version}});
}

const orders = (operation, given) => call(`orders.${operation}`, 'v0', given);
const listings = (operation, given) => call(`listingsItems.${operation}`, '2021-08-01', given);
const feeds = (operation, given) => call(`feeds.${operation}`, '2021-06-30', given);
const reports = (operation, given) => call(`reports.${operation}`, '2021-06-30', given);
const notifications = (operation, given) => call(`notifications.${operation}`, 'v1', given);

const seller = {
  async consent({code}) {
    const {refresh_token} = await client.exchange(code);
    client = sellingPartner(refresh_token);
  },

  async authorize() {
    const told = await call('sellers.getMarketplaceParticipations', 'v1');
    return told.map((each) => each.marketplace.id);
  },

  async search_orders({since, store}) {
    const query = {lastUpdatedAfter: since, marketplaceIds: [store]};
    return (await call('orders.searchOrders', '2026-01-01', {query})).orders.map((order) => order.orderId);
  },

  async search_orders_v0({since, store}) {
    const query = {LastUpdatedAfter: since, MarketplaceIds: [store]};
    return (await orders('getOrders', {query})).Orders.map((order) => order.AmazonOrderId);
  },

  async order_items({order}) {
    const {OrderItems} = await orders('getOrderItems', {path: {orderId: order}});
    return OrderItems.map((item) => ({sku: item.SellerSKU, quantity: item.QuantityOrdered}));
  },

  async confirm_shipment({order, store, item, quantity, shipped}) {
    const packageDetail = {
      packageReferenceId: '1',
      carrierCode: 'DHL',
      trackingNumber: 'T1',
      shipDate: shipped,
      orderItems: [{orderItemId: item, quantity}]
    };
    await orders('confirmShipment', {path: {orderId: order}, body: {marketplaceId: store, packageDetail}});
  },

  async patch_listing({seller, sku, store, body}) {
    const asked = {path: {sellerId: seller, sku}, query: {marketplaceIds: [store]}, body};
    return (await listings('patchListingsItem', asked)).status;
  },

  async put_listing({seller, sku, store, body}) {
    const asked = {path: {sellerId: seller, sku}, query: {marketplaceIds: [store]}, body};
    return (await listings('putListingsItem', asked)).status;
  },

  async upload({content, content_type}) {
    const document = await feeds('createFeedDocument', {body: {contentType: content_type}});
    await client.upload(document, {content, contentType: content_type});
    return document.feedDocumentId;
  },

  async create_feed({kind, store, document}) {
    const body = {feedType: kind, marketplaceIds: [store], inputFeedDocumentId: document};
    return (await feeds('createFeed', {body})).feedId;
  },

  async feed({feed}) {
    const told = await feeds('getFeed', {path: {feedId: feed}});
    return {status: told.processingStatus, document: told.resultFeedDocumentId};
  },

  async feed_document({document}) {
    return client.download(await feeds('getFeedDocument', {path: {feedDocumentId: document}}));
  },

  async create_report({kind, store, since}) {
    const body = {reportType: kind, marketplaceIds: [store], dataStartTime: since};
    return (await reports('createReport', {body})).reportId;
  },

  async report({report}) {
    const told = await reports('getReport', {path: {reportId: report}});
    return {status: told.processingStatus, document: told.reportDocumentId};
  },

  async report_document({document}) {
    return client.download(await reports('getReportDocument', {path: {reportDocumentId: document}}));
  },

  async fba_inventory({store}) {
    const query = {granularityType: 'Marketplace', granularityId: store, marketplaceIds: [store], details: true};
    const {inventorySummaries} = await call('fbaInventory.getInventorySummaries', 'v1', {query});
    const units = (each) => [each.sellerSku, each.inventoryDetails.fulfillableQuantity];
    return Object.fromEntries(inventorySummaries.map(units));
  },

  async create_destination({name, arn}) {
    const body = {name, resourceSpecification: {sqs: {arn}}};
    return (await notifications('createDestination', {body})).destinationId;
  },

  async destinations() {
    return (await notifications('getDestinations')).map((each) => each.destinationId);
  },

  async create_subscription({kind, destination}) {
    const body = {payloadVersion: '1.0', destinationId: destination};
    const asked = {path: {notificationType: kind}, body};
    return (await notifications('createSubscription', asked)).subscriptionId;
  },

  async subscription({kind}) {
    return (await notifications('getSubscription', {path: {notificationType: kind}})).subscriptionId;
  }
};

async function told({step, given}) {
  if (!seller[step]) return {not_offered: true};
  try {
    return {answer: (await seller[step](given)) ?? null};
  } catch (error) {
    const words = `${error.code}: ${error.message} ${error.details ?? ''}`.slice(0, MOST_TOLD);
    return error.constructor.name === 'CustomError' ? {refused: words} : {raised: `${error.name}: ${words}`};
  }
}

async function answerSteps() {
  for await (const line of readline.createInterface({input: process.stdin})) {
    console.log(JSON.stringify(await told(JSON.parse(line))));
  }
}

answerSteps();
