// aliyun-sdk-oss, the vendor's client for Java, against the endpoint that the environment names.

import com.aliyun.oss.ClientBuilderConfiguration;
import com.aliyun.oss.OSS;
import com.aliyun.oss.OSSClientBuilder;
import com.aliyun.oss.OSSException;
import com.aliyun.oss.common.auth.DefaultCredentialProvider;
import com.aliyun.oss.common.comm.SignVersion;
import com.aliyun.oss.model.AppendObjectRequest;
import com.aliyun.oss.model.CannedAccessControlList;
import com.aliyun.oss.model.CompleteMultipartUploadRequest;
import com.aliyun.oss.model.CopyObjectRequest;
import com.aliyun.oss.model.DeleteObjectsRequest;
import com.aliyun.oss.model.DownloadFileRequest;
import com.aliyun.oss.model.GetObjectRequest;
import com.aliyun.oss.model.InitiateMultipartUploadRequest;
import com.aliyun.oss.model.ListMultipartUploadsRequest;
import com.aliyun.oss.model.ListObjectsRequest;
import com.aliyun.oss.model.ListObjectsV2Request;
import com.aliyun.oss.model.ListPartsRequest;
import com.aliyun.oss.model.OSSObject;
import com.aliyun.oss.model.OSSObjectSummary;
import com.aliyun.oss.model.ObjectListing;
import com.aliyun.oss.model.ObjectMetadata;
import com.aliyun.oss.model.PartETag;
import com.aliyun.oss.model.PutObjectRequest;
import com.aliyun.oss.model.RestoreConfiguration;
import com.aliyun.oss.model.RestoreJobParameters;
import com.aliyun.oss.model.RestoreTier;
import com.aliyun.oss.model.StorageClass;
import com.aliyun.oss.model.UploadFileRequest;
import com.aliyun.oss.model.UploadPartCopyRequest;
import com.aliyun.oss.model.UploadPartCopyResult;
import com.aliyun.oss.model.UploadPartRequest;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

public final class Operations {
  private static final String BUCKET = "frozen-assets";
  private static final int PART = 100 * 1024;
  private static final byte[] DATA = "data".getBytes();

  private final OSS client;

  private Operations(OSS client) {
    this.client = client;
  }

  public static void main(String[] arguments) throws Exception {
    int done = 0;
    for (SignVersion version : List.of(SignVersion.V1, SignVersion.V2, SignVersion.V4)) {
      ClientBuilderConfiguration configuration = new ClientBuilderConfiguration();
      configuration.setSignatureVersion(version);
      OSS client =
          OSSClientBuilder.create()
              .endpoint(System.getenv("OSS_URL"))
              .region(System.getenv("OSS_REGION"))
              .credentialsProvider(
                  new DefaultCredentialProvider(
                      System.getenv("OSS_KEY"), System.getenv("OSS_SECRET")))
              .clientConfiguration(configuration)
              .build();
      Operations operations = new Operations(client);
      operations.writesReadsAndCopies();
      operations.keepsToConditionsAndRanges();
      operations.uploadsAndCopiesInParts();
      operations.copiesHugeObjectsByParts();
      operations.goesOnWithFiles();
      operations.appendsLinksAndTags();
      operations.restores();
      operations.listsAndDeletes();
      done += 8;
      client.shutdown();
    }
    System.out.println(done + " passed");
  }

  private void writesReadsAndCopies() throws Exception {
    String key = "a b+中/c";
    ObjectMetadata metadata = new ObjectMetadata();
    metadata.addUserMetadata("of", "key");
    put(key, DATA, metadata);
    same("data", read(client.getObject(BUCKET, key)));
    same("key", client.getObjectMetadata(BUCKET, key).getUserMetadata().get("of"));
    client.copyObject(BUCKET, key, BUCKET, "copy");
    same("data", read(client.getObject(BUCKET, "copy")));
    CopyObjectRequest cold = new CopyObjectRequest(BUCKET, key, BUCKET, key);
    ObjectMetadata changed = new ObjectMetadata();
    changed.setHeader("x-oss-storage-class", StorageClass.IA);
    cold.setNewObjectMetadata(changed);
    client.copyObject(cold);
    same(StorageClass.IA, client.getObjectMetadata(BUCKET, key).getObjectStorageClass());
    refused("NoSuchKey", () -> client.getObject(BUCKET, "missing"));
    refused("NoSuchBucket", () -> client.getObject("no-such-bucket", "key"));
  }

  private void keepsToConditionsAndRanges() throws Exception {
    put("key", "0123456789".getBytes(), null);
    GetObjectRequest range = new GetObjectRequest(BUCKET, "key");
    range.setRange(2, 4);
    same("234", read(client.getObject(range)));
    GetObjectRequest later = new GetObjectRequest(BUCKET, "key");
    later.setModifiedSinceConstraint(new Date(System.currentTimeMillis() + 3_600_000));
    refused("NotModified", () -> client.getObject(later));
    GetObjectRequest match = new GetObjectRequest(BUCKET, "key");
    match.setMatchingETagConstraints(List.of("other"));
    refused("PreconditionFailed", () -> client.getObject(match));
    CopyObjectRequest copy = new CopyObjectRequest(BUCKET, "key", BUCKET, "copy");
    copy.setMatchingETagConstraints(List.of("other"));
    refused("PreconditionFailed", () -> client.copyObject(copy));
  }

  private void uploadsAndCopiesInParts() throws Exception {
    byte[] first = new byte[PART];
    Arrays.fill(first, (byte) 'a');
    ObjectMetadata metadata = new ObjectMetadata();
    metadata.setHeader("x-oss-storage-class", StorageClass.IA);
    String id =
        client
            .initiateMultipartUpload(new InitiateMultipartUploadRequest(BUCKET, "parts", metadata))
            .getUploadId();
    List<PartETag> parts = new ArrayList<>();
    byte[][] bodies = {first, DATA};
    for (int number = 1; number <= bodies.length; number++) {
      byte[] body = bodies[number - 1];
      UploadPartRequest part =
          new UploadPartRequest(
              BUCKET, "parts", id, number, new ByteArrayInputStream(body), body.length);
      parts.add(client.uploadPart(part).getPartETag());
    }
    same(2, client.listParts(new ListPartsRequest(BUCKET, "parts", id)).getParts().size());
    ListMultipartUploadsRequest uploads = new ListMultipartUploadsRequest(BUCKET);
    same(1, client.listMultipartUploads(uploads).getMultipartUploads().size());
    refused(
        "InvalidPart",
        () ->
            client.completeMultipartUpload(
                new CompleteMultipartUploadRequest(
                    BUCKET, "parts", id, new ArrayList<>(List.of(new PartETag(1, "other"))))));
    client.completeMultipartUpload(new CompleteMultipartUploadRequest(BUCKET, "parts", id, parts));
    ObjectMetadata head = client.getObjectMetadata(BUCKET, "parts");
    same(PART + 4L, head.getContentLength());
    same(StorageClass.IA, head.getObjectStorageClass());
    same("a".repeat(PART) + "data", read(client.getObject(BUCKET, "parts")));
  }

  private void copiesHugeObjectsByParts() {
    long size = client.getObjectMetadata(BUCKET, "huge").getContentLength();
    long part = 5L << 30;
    CopyObjectRequest whole = new CopyObjectRequest(BUCKET, "huge", BUCKET, "huge-copy");
    ObjectMetadata metadata = new ObjectMetadata();
    metadata.setHeader("x-oss-storage-class", StorageClass.IA);
    whole.setNewObjectMetadata(metadata);
    refused("EntityTooLarge", () -> client.copyObject(whole));
    String id =
        client
            .initiateMultipartUpload(new InitiateMultipartUploadRequest(BUCKET, "huge-copy"))
            .getUploadId();
    List<PartETag> parts = new ArrayList<>();
    for (int number = 1; (number - 1) * part < size; number++) {
      UploadPartCopyRequest copy =
          new UploadPartCopyRequest(BUCKET, "huge", BUCKET, "huge-copy", id, number, null, null);
      copy.setBeginIndex((number - 1) * part);
      copy.setPartSize(Math.min(part, size - (number - 1) * part));
      UploadPartCopyResult copied = client.uploadPartCopy(copy);
      parts.add(copied.getPartETag());
    }
    client.completeMultipartUpload(
        new CompleteMultipartUploadRequest(BUCKET, "huge-copy", id, parts));
    same(size, client.getObjectMetadata(BUCKET, "huge-copy").getContentLength());
  }

  private void goesOnWithFiles() throws Exception {
    Path folder = Files.createTempDirectory("oss");
    Path source = folder.resolve("source");
    Path target = folder.resolve("target");
    byte[] data = new byte[3 * PART + 1];
    Arrays.fill(data, (byte) 'x');
    Files.write(source, data);
    UploadFileRequest upload = new UploadFileRequest(BUCKET, "file");
    upload.setUploadFile(source.toString());
    upload.setPartSize(PART);
    upload.setTaskNum(2);
    upload.setEnableCheckpoint(true);
    DownloadFileRequest download = new DownloadFileRequest(BUCKET, "file");
    download.setDownloadFile(target.toString());
    download.setPartSize(PART);
    download.setTaskNum(2);
    try {
      client.uploadFile(upload);
      client.downloadFile(download);
    } catch (Throwable error) {
      throw new IllegalStateException(error);
    }
    same(true, Arrays.equals(data, Files.readAllBytes(target)));
  }

  private void appendsLinksAndTags() throws Exception {
    client.deleteObject(BUCKET, "log");
    AppendObjectRequest append =
        new AppendObjectRequest(BUCKET, "log", new ByteArrayInputStream(DATA));
    append.setPosition(0L);
    same(4L, client.appendObject(append).getNextPosition());
    refused("PositionNotEqualToLength", () -> client.appendObject(append));
    put("target", DATA, null);
    client.createSymlink(BUCKET, "link", "target");
    same("target", client.getSymlink(BUCKET, "link").getTarget());
    same("data", read(client.getObject(BUCKET, "link")));
    Map<String, String> tags = new HashMap<>(Map.of("a", "1"));
    client.setObjectTagging(BUCKET, "target", tags);
    same("1", client.getObjectTagging(BUCKET, "target").getTag("a"));
    client.setObjectAcl(BUCKET, "target", CannedAccessControlList.PublicRead);
    same("public-read", client.getObjectAcl(BUCKET, "target").getPermission().toString());
  }

  private void restores() {
    ObjectMetadata metadata = new ObjectMetadata();
    metadata.setHeader("x-oss-storage-class", StorageClass.ColdArchive);
    put("cold", DATA, metadata);
    refused("InvalidObjectState", () -> client.getObject(BUCKET, "cold"));
    RestoreConfiguration wanted =
        new RestoreConfiguration(2, new RestoreJobParameters(RestoreTier.RESTORE_TIER_BULK));
    client.restoreObject(BUCKET, "cold", wanted);
    same("ongoing-request=\"true\"", client.getObjectMetadata(BUCKET, "cold").getObjectRawRestore());
    refused("RestoreAlreadyInProgress", () -> client.restoreObject(BUCKET, "cold", wanted));
  }

  private void listsAndDeletes() {
    List<String> keys = List.of("l/a", "l/b/1", "l/b/2", "l/中 &<>");
    for (String key : keys) {
      put(key, DATA, null);
    }
    ObjectListing groups =
        client.listObjects(new ListObjectsRequest(BUCKET, "l/", null, "/", 100));
    same(List.of("l/b/"), groups.getCommonPrefixes());
    List<String> found = new ArrayList<>();
    String token = null;
    do {
      ListObjectsV2Request page = new ListObjectsV2Request(BUCKET, "l/");
      page.setMaxKeys(1);
      page.setContinuationToken(token);
      var listed = client.listObjectsV2(page);
      for (OSSObjectSummary summary : listed.getObjectSummaries()) {
        found.add(summary.getKey());
      }
      token = listed.getNextContinuationToken();
    } while (token != null);
    same(keys, found);
    DeleteObjectsRequest all = new DeleteObjectsRequest(BUCKET).withKeys(keys);
    all.setEncodingType("url");
    same(4, client.deleteObjects(all).getDeletedObjects().size());
  }

  private void put(String key, byte[] data, ObjectMetadata metadata) {
    client.putObject(new PutObjectRequest(BUCKET, key, new ByteArrayInputStream(data), metadata));
  }

  private static String read(OSSObject object) throws Exception {
    try (InputStream content = object.getObjectContent()) {
      return new String(content.readAllBytes());
    }
  }

  private interface Call {
    void run() throws Exception;
  }

  private static void refused(String code, Call call) {
    try {
      call.run();
    } catch (OSSException error) {
      same(code, error.getErrorCode());
      return;
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
    throw new IllegalStateException("not refused: " + code);
  }

  private static void same(Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new IllegalStateException("expected " + expected + ", found " + found);
    }
  }
}
