"""What every report must say, recounted slowly from the raw rows; each takes what was asked."""
