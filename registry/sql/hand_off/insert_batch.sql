INSERT INTO card_batch (batch_no, centre, sequence, business_date, dossiers, hash_total, sealed_sha256, manifest,
                        manifest_sha256, signature, decided_at)
OVERRIDING SYSTEM VALUE
VALUES (:batch_no, :centre, :sequence, :business_date, :dossiers, :hash_total, :sealed_sha256, :manifest,
        :manifest_sha256, :signature, :decided_at)
