patient_id,sex
select(data, patient_id, sex) %>% head()
