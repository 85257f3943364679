// ali-oss, the vendor's client for Node.js, against the endpoint that the environment names.
'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { Readable } = require('node:stream');
const { test, before } = require('node:test');
const OSS = require('ali-oss');

const BUCKET = 'frozen-assets';
const PART = 100 * 1024;
const { OSS_URL, OSS_REGION, OSS_KEY, OSS_SECRET, OSS_HUGE } = process.env;

function clientOf(authorizationV4, endpoint = OSS_URL) {
  return new OSS({
    endpoint,
    region: `oss-${OSS_REGION}`,
    accessKeyId: OSS_KEY,
    accessKeySecret: OSS_SECRET,
    bucket: BUCKET,
    authorizationV4,
  });
}

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return [error.status, error.code];
  }
  return assert.fail('not refused');
}

// Not every machine resolves the names below localhost.
function fetchFrom(host, path) {
  return new Promise((resolve, reject) => {
    const request = http.get(`${OSS_URL}${path}`, { headers: { Host: host } }, async (answer) => {
      let data = '';
      for await (const chunk of answer) data += chunk;
      resolve([data, answer.headers['content-type']]);
    });
    request.on('error', reject);
  });
}

const body = Buffer.alloc(3 * PART + 1, 'abc');

for (const v4 of [false, true]) {
  const client = clientOf(v4);
  const run = (name, work) => test(`${name}, signature ${v4 ? 4 : 1}`, work);

  before(async () => {
    await client.putBucket(BUCKET);
  });

  run('objects are written, read and copied', async () => {
    const key = 'a b+中/c';
    await client.put(key, Buffer.from('data'), {
      meta: { of: 'key' },
      headers: { 'x-oss-tagging': 'a=1', 'x-oss-object-acl': 'private' },
    });
    assert.equal((await client.get(key)).content.toString(), 'data');
    const head = await client.head(key);
    assert.equal(head.meta.of, 'key');
    await client.copy('copy', key, { headers: { 'x-oss-storage-class': 'IA' } });
    assert.equal((await client.head('copy')).res.headers['x-oss-storage-class'], 'IA');
    assert.equal((await client.get('copy')).content.toString(), 'data');
    assert.deepEqual((await client.getObjectTagging('copy')).tag, { a: '1' });
    await client.putACL('copy', 'public-read');
    assert.equal((await client.getACL('copy')).acl, 'public-read');
    await client.putMeta('copy', { of: 'copy' });
    assert.equal((await client.head('copy')).meta.of, 'copy');
  });

  run('ranges and conditions', async () => {
    const { res } = await client.put('key', Buffer.from('0123456789'));
    const part = await client.get('key', { headers: { Range: 'bytes=2-4' } });
    assert.equal(part.res.status, 206);
    assert.equal(part.content.toString(), '234');
    const match = { headers: { 'If-Match': '"other"' } };
    assert.deepEqual(await refusal(() => client.get('key', match)), [412, 'PreconditionFailed']);
    const same = { headers: { 'If-None-Match': res.headers.etag } };
    assert.equal((await client.head('key', same)).status, 304);
    const copied = { headers: { 'If-Match': '"other"' } };
    assert.equal((await refusal(() => client.copy('copy', 'key', copied)))[0], 412);
  });

  run('multipart uploads, resumed, copied, listed and aborted', async () => {
    const seen = [];
    let checkpoint;
    const sent = await client.multipartUpload('large', body, {
      partSize: PART,
      parallel: 2,
      progress: (percentage, kept) => {
        seen.push(percentage);
        checkpoint = kept || checkpoint;
      },
      headers: { 'x-oss-storage-class': 'IA' },
    });
    assert.match(sent.etag, /-4"$/);
    assert.equal(seen.at(-1), 1);
    assert.ok(checkpoint);
    assert.ok((await client.get('large')).content.equals(body));
    assert.equal((await client.head('large')).res.headers['x-oss-storage-class'], 'IA');
    const source = { sourceKey: 'large', sourceBucketName: BUCKET };
    await client.multipartUploadCopy('copied', source, { partSize: PART, parallel: 2 });
    assert.ok((await client.get('copied')).content.equals(body));
    const { uploadId } = await client.initMultipartUpload('aborted');
    await client.uploadPart('aborted', uploadId, 1, body, 0, PART);
    const parts = await client.listParts('aborted', uploadId);
    assert.equal(parts.parts.PartNumber || parts.parts[0].PartNumber, '1');
    assert.equal((await client.listUploads({ 'max-uploads': 10 })).uploads.length, 1);
    await client.abortMultipartUpload('aborted', uploadId);
    assert.equal((await client.listUploads({ 'max-uploads': 10 })).uploads.length, 0);
  });

  run('a huge object is copied by parts', async () => {
    const source = { sourceKey: 'huge', sourceBucketName: BUCKET };
    const options = { partSize: 5 * 1024 ** 3, parallel: 1 };
    await client.multipartUploadCopy('huge-copy', source, options);
    assert.equal((await client.head('huge-copy')).res.headers['content-length'], OSS_HUGE);
  });

  run('appending and streaming', async () => {
    await client.delete('log');
    const first = await client.append('log', Buffer.from('one'));
    assert.equal(first.nextAppendPosition, '3');
    await client.append('log', Buffer.from('two'), { position: first.nextAppendPosition });
    const { stream } = await client.getStream('log');
    let text = '';
    for await (const chunk of stream) text += chunk;
    assert.equal(text, 'onetwo');
    await client.putStream('streamed', Readable.from([Buffer.from('da'), Buffer.from('ta')]));
    assert.equal((await client.get('streamed')).content.toString(), 'data');
  });

  run('symlinks', async () => {
    await client.put('target', Buffer.from('data'));
    await client.putSymlink('link', 'target', { meta: { of: 'link' } });
    assert.equal((await client.getSymlink('link')).targetName, 'target');
    assert.equal((await client.get('link')).content.toString(), 'data');
  });

  run('restores', async () => {
    await client.put('cold', Buffer.from(''), { headers: { 'x-oss-storage-class': 'ColdArchive' } });
    assert.deepEqual(await refusal(() => client.get('cold')), [403, 'InvalidObjectState']);
    const options = { type: 'ColdArchive', Days: 2, JobParameters: 'Bulk' };
    assert.equal((await client.restore('cold', options)).res.status, 202);
    const again = await refusal(() => client.restore('cold', options));
    assert.deepEqual(again, [409, 'RestoreAlreadyInProgress']);
  });

  run('listings and batches', async () => {
    const keys = ['l/a', 'l/b/1', 'l/b/2', 'l/中 &<>'];
    for (const key of keys) await client.put(key, Buffer.from(''));
    const page = await client.list({ prefix: 'l/', delimiter: '/', 'max-keys': 100 });
    assert.deepEqual(page.objects.map((entry) => entry.name), ['l/a', 'l/中 &<>']);
    assert.deepEqual(page.prefixes, ['l/b/']);
    const found = [];
    let token;
    do {
      const next = await client.listV2({ prefix: 'l/', 'max-keys': 1, 'continuation-token': token });
      found.push(...next.objects.map((entry) => entry.name));
      token = next.nextContinuationToken;
    } while (token);
    assert.deepEqual(found, keys);
    const { deleted } = await client.deleteMulti(keys);
    assert.deepEqual(deleted.map((entry) => entry.Key), keys);
    assert.equal((await client.listV2({ prefix: 'l/' })).keyCount, 0);
  });

  run('links, which name the bucket in the host', async () => {
    await client.put('a b', Buffer.from('data'));
    const hosted = clientOf(v4, OSS_URL.replace('127.0.0.1', 'localhost'));
    const url = v4
      ? await hosted.signatureUrlV4('GET', 60, undefined, 'a b')
      : hosted.signatureUrl('a b', { response: { 'content-type': 'image/png' } });
    const { host, pathname, search } = new URL(url);
    assert.match(host, /^frozen-assets\.localhost:/);
    const [data, type] = await fetchFrom(host, pathname + search);
    assert.equal(data, 'data');
    if (!v4) assert.equal(type, 'image/png');
  });
}
