INSERT INTO card_batch (centre, sequence, business_date, dossiers, hash_total, sealed_sha256, manifest, manifest_sha256,
                        signature, decided_at)
VALUES (:centre, :sequence, :business_date, :dossiers, :hash_total, :sealed_sha256, :manifest, :manifest_sha256,
        :signature, :decided_at)
RETURNING batch_no
